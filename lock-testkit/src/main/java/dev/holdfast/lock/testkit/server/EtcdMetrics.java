package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads what an etcd tells about itself over HTTP. */
final class EtcdMetrics {

  private static final int TIMEOUT_MILLIS = 2_000;

  private EtcdMetrics() {}

  /** Whether it has a leader and takes writes. */
  static boolean isHealthy(int port) {
    return get(port, "/health").filter(text -> text.contains("\"true\"")).isPresent();
  }

  static boolean answers(int port) {
    return get(port, "/metrics").isPresent();
  }

  /** The sum of a metric over all its labels that {@code labels} accepts. */
  static double sum(int port, String metric, Predicate<String> labels) throws IOException {
    String text =
        get(port, "/metrics").orElseThrow(() -> new IOException("no metrics on port " + port));
    return text.lines()
        .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
        .filter(line -> labels.test(line.substring(metric.length())))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static Optional<String> get(int port, String path) {
    try {
      URI uri = URI.create("http://" + ServerHome.HOST + ":" + port + path);
      HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
      connection.setRequestProperty("Connection", "close"); // the JDK keeps a thread for idle ones
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try (InputStream in = connection.getInputStream()) {
        return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
