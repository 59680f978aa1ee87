package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FaultProxy;
import java.util.List;

/**
 * A real Pulsar for tests: broker, bookie and metadata store in one JVM of its own.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here has the broker's own
 * defaults in all that clients can feel, and its bookie syncs its journal to the disk, unless
 * {@link PulsarServerOptions#set} says otherwise. It takes some 5 s to start and 450 MB of memory.
 *
 * <p><b>Sources.</b> The environment variable {@value #ADDRESS_VARIABLE} (or the system property
 * {@value #ADDRESS_PROPERTY}) with {@code host:port} or {@code host:port:port for HTTP}; else the
 * broker's jars, 250 MB that stay off the class path of tests: a resource {@code
 * holdfast/pulsar-server.classpath} names them.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class PulsarServer extends StoreServer {

  /** The environment variable that may hold the address of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_PULSAR";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.pulsar";

  private final PulsarAdmin admin;
  private final PulsarListeners listeners;

  PulsarServer(TestServer server, PulsarAdmin admin, PulsarListeners listeners) {
    super(server);
    this.admin = admin;
    this.listeners = listeners;
  }

  /**
   * Starts a server, or takes the one of the environment.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if there is none
   */
  public static PulsarServer launch() {
    return options().launch();
  }

  /**
   * Prepares a server with settings.
   *
   * @return options with the broker's defaults
   */
  public static PulsarServerOptions options() {
    return new PulsarServerOptions();
  }

  /**
   * Where clients connect.
   *
   * @return {@code pulsar://host:port}
   */
  public String serviceUrl() {
    return "pulsar://" + host() + ":" + port();
  }

  /**
   * Proxies before the broker: a client that connects to the port of one stays behind it for all
   * that it does.
   *
   * @return as many as {@link PulsarServerOptions#proxies} asked for
   */
  public List<FaultProxy> proxies() {
    return listeners.proxies();
  }

  /**
   * What administrators can tell this broker.
   *
   * @return its commands over HTTP
   */
  public PulsarAdmin admin() {
    return admin;
  }

  @Override
  void closeCompanions() {
    listeners.close();
  }
}
