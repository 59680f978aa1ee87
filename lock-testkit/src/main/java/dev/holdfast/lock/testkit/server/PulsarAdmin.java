package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * A broker's commands for administrators, over HTTP as {@code pulsar-admin} sends them. Paths are
 * those of its REST interface, version 2, such as {@code persistent/public/default/jobs/unload}.
 *
 * <p><b>Threads.</b> Safe for concurrent use; immutable.
 *
 * @param host the broker's host
 * @param port its port for HTTP
 * @param token sent with each request if the broker asks for one; may be empty
 */
public record PulsarAdmin(String host, int port, String token) {

  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int PROBE_MILLIS = 2_000;

  /**
   * Reads.
   *
   * @param path of the REST interface
   * @return the answer, mostly JSON
   * @throws UncheckedIOException if there is no answer within 20 s, or it is an error
   */
  public String get(String path) {
    return send("GET", path, "");
  }

  /**
   * Creates or changes.
   *
   * @param path of the REST interface
   * @param json may be empty
   * @return the answer
   * @throws UncheckedIOException if there is no answer within 20 s, or it is an error
   */
  public String put(String path, String json) {
    return send("PUT", path, json);
  }

  /**
   * Changes, where the interface wants a POST.
   *
   * @param path of the REST interface
   * @param json may be empty
   * @return the answer
   * @throws UncheckedIOException if there is no answer within 20 s, or it is an error
   */
  public String post(String path, String json) {
    return send("POST", path, json);
  }

  /**
   * Deletes.
   *
   * @param path of the REST interface
   * @return the answer
   * @throws UncheckedIOException if there is no answer within 20 s, or it is an error
   */
  public String delete(String path) {
    return send("DELETE", path, "");
  }

  /** Who serves a topic, as JSON; has it assigned if nobody does. */
  String lookUp(String topic) {
    try {
      return exchange("GET", uri("/lookup/v2/topic/" + topic), "", TIMEOUT_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException("look-up of " + topic + ": " + e.getMessage(), e);
    }
  }

  /**
   * Makes the cluster known to its brokers, and what a new one has: the namespace for everybody.
   */
  void prepareCluster(String cluster, String serviceUrl) {
    put(
        "clusters/" + cluster,
        "{\"serviceUrl\":\"http://%s:%d\",\"brokerServiceUrl\":\"%s\"}"
            .formatted(host, port, serviceUrl));
    put("tenants/public", "{\"allowedClusters\":[\"%s\"]}".formatted(cluster));
    put("namespaces/public/default", "");
  }

  /** Whether the broker can write to a topic and read from it by now, by its own check. */
  boolean isHealthy() {
    try {
      return exchange("GET", uri("/admin/v2/brokers/health"), "", TIMEOUT_MILLIS).contains("ok");
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the broker answers a question by now, with a text that has {@code expected}. */
  boolean answers(String path, String expected) {
    try {
      return exchange("GET", uri("/admin/v2/" + path), "", PROBE_MILLIS).contains(expected);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The broker's own figures.
   *
   * @return in the format of Prometheus
   * @throws UncheckedIOException if there is no answer within 20 s, or it is an error
   */
  public String metrics() {
    try {
      return exchange("GET", uri("/metrics/"), "", TIMEOUT_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics of " + this, e);
    }
  }

  private String send(String method, String path, String json) {
    try {
      return exchange(method, uri("/admin/v2/" + path), json, TIMEOUT_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + path + ": " + e.getMessage(), e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://" + host + ":" + port + path);
  }

  private String exchange(String method, URI uri, String json, int timeoutMillis)
      throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestProperty("Connection", "close"); // the JDK keeps a thread for idle ones
    connection.setConnectTimeout(timeoutMillis);
    connection.setReadTimeout(timeoutMillis);
    connection.setRequestMethod(method);
    if (!token.isEmpty()) {
      connection.setRequestProperty("Authorization", "Bearer " + token);
    }
    try {
      if (method.startsWith("P")) {
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(json.getBytes(StandardCharsets.UTF_8));
        }
      }
      return answer(connection);
    } finally {
      connection.disconnect();
    }
  }

  private static String answer(HttpURLConnection connection) throws IOException {
    int status = connection.getResponseCode();
    boolean failed = status >= 400;
    try (InputStream in = failed ? connection.getErrorStream() : connection.getInputStream()) {
      String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (failed) {
        throw new IOException("status " + status + " " + text.strip());
      }
      return text;
    }
  }
}
