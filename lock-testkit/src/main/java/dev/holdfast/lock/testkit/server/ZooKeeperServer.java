package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real ZooKeeper server for tests, in a JVM of its own: one that stands alone, or a member of a
 * {@link ZooKeeperEnsemble}.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here syncs its log to the disk
 * and answers all commands of four letters.
 *
 * <p><b>Sources.</b> The environment variable {@value #ADDRESS_VARIABLE} (or the system property
 * {@value #ADDRESS_PROPERTY}) with {@code host:port} of a server that stands alone; Docker, for one
 * that stands alone; ZooKeeper's jars on the class path.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class ZooKeeperServer extends StoreServer {

  /** The environment variable that may hold the address of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_ZOOKEEPER";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.zookeeper";

  private static final Pattern MODE = Pattern.compile("Mode: (\\w+)");

  ZooKeeperServer(TestServer server) {
    super(server);
  }

  /**
   * Starts a server that stands alone, with ticks of 200 ms.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if ZooKeeper is not on the class path
   */
  public static ZooKeeperServer launch() {
    return options().launch();
  }

  /**
   * Prepares servers with settings.
   *
   * @return options with the defaults
   */
  public static ZooKeeperServerOptions options() {
    return new ZooKeeperServerOptions();
  }

  static ZooKeeperServer member(int id, Map<String, String> settings, Map<String, String> system) {
    return new ZooKeeperServer(
        ServerProcess.start(new ZooKeeperRecipe(id, settings, system, Map.of())));
  }

  /**
   * Where clients connect.
   *
   * @return {@code host:port}
   */
  public String connectString() {
    return host() + ":" + port();
  }

  /**
   * Sends a command of four letters, such as {@code srvr}, {@code mntr}, {@code wchs}.
   *
   * @param command four letters
   * @return the answer; from a member without a quorum, that it does not serve
   * @throws UncheckedIOException if the server is down or does not answer
   */
  public String ask(String command) {
    try {
      return FourLetters.ask(host(), port(), command);
    } catch (IOException e) {
      throw new UncheckedIOException(command + " to " + this, e);
    }
  }

  /**
   * What the server says it is.
   *
   * @return {@code standalone}, {@code leader}, {@code follower}, or {@code none} while it does not
   *     serve or does not answer
   */
  public String mode() {
    try {
      Matcher mode = MODE.matcher(ask("srvr"));
      return mode.find() ? mode.group(1) : "none";
    } catch (UncheckedIOException e) {
      return "none";
    }
  }

  /**
   * One of the server's own figures.
   *
   * @param metric as {@code mntr} names it, such as {@code zk_packets_received}
   * @return the figure
   * @throws IllegalArgumentException if the server has none of that name
   */
  public long metric(String metric) {
    return ask("mntr")
        .lines()
        .filter(line -> line.startsWith(metric + "\t"))
        .map(line -> (long) Double.parseDouble(line.substring(metric.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no figure named " + metric));
  }
}
