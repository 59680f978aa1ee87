package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A real etcd for tests.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here has etcd's own defaults,
 * fsync among them, unless {@link EtcdServerOptions#flag} says otherwise.
 *
 * <p><b>Sources.</b> The first of: the environment variable {@value #ADDRESS_VARIABLE} (or the
 * system property {@value #ADDRESS_PROPERTY}) with {@code host:port}; Docker, with the image that
 * {@code HOLDFAST_TEST_IMAGE_ETCD} names; {@code etcd} on the PATH (Debian: {@code apt-get install
 * etcd-server}). Maven Central has none.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class EtcdServer extends StoreServer {

  /** The environment variable that may hold the {@code host:port} of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_ETCD";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.etcd";

  private final OptionalInt metricsPort;
  private final String scheme;

  EtcdServer(TestServer server, OptionalInt metricsPort, String scheme) {
    super(server);
    this.metricsPort = metricsPort;
    this.scheme = scheme;
  }

  /**
   * Starts a server of one member from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public static EtcdServer launch() {
    return options().launch();
  }

  /**
   * Prepares a server with flags.
   *
   * @return options with etcd's defaults
   */
  public static EtcdServerOptions options() {
    return new EtcdServerOptions();
  }

  /**
   * Where clients connect.
   *
   * @return {@code http://host:port}, or https
   */
  public String endpoint() {
    return scheme + "://" + host() + ":" + port();
  }

  /**
   * Whether the server has a leader and takes writes, by its own word.
   *
   * @return false also if it does not answer, or its metrics cannot be reached
   */
  public boolean isHealthy() {
    return metricsPort.isPresent() && EtcdMetrics.isHealthy(metricsPort.getAsInt());
  }

  /**
   * Reads one of the server's counters.
   *
   * @param metric such as {@code grpc_server_started_total}
   * @param labels which of its time series count, for instance {@code s -> s.contains("Txn")}
   * @return the sum of those that count
   * @throws IOException if the server does not answer
   */
  public double metric(String metric, Predicate<String> labels) throws IOException {
    if (metricsPort.isEmpty()) {
      throw new IOException("the metrics of " + description() + " cannot be reached from here");
    }
    return EtcdMetrics.sum(metricsPort.getAsInt(), metric, labels);
  }

  /**
   * Whether this member leads its cluster, by its own word.
   *
   * @return false also if it does not answer
   */
  public boolean isLeader() {
    try {
      return metric("etcd_server_is_leader", labels -> true) > 0;
    } catch (IOException e) {
      return false;
    }
  }
}
