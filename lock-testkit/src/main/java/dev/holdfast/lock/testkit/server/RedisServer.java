package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real redis-server (or valkey-server) for tests.
 *
 * <p><b>Promise.</b> As {@link TestServer} says. One that is started here listens on loopback,
 * appends every command to its file and syncs it each time (so a kill loses nothing that was
 * answered), unless its {@linkplain RedisServerOptions options} say otherwise.
 *
 * <p><b>Sources.</b> The first of: the environment variable {@value #ADDRESS_VARIABLE} (or the
 * system property {@value #ADDRESS_PROPERTY}) with {@code redis://[user:password@]host[:port]}, for
 * a plain server without settings only; Docker, for one that stands alone; {@code redis-server} or
 * {@code valkey-server} on the PATH.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class RedisServer extends StoreServer {

  /** The environment variable that may hold the URI of a server to use. */
  public static final String ADDRESS_VARIABLE = "HOLDFAST_TEST_REDIS";

  /** The system property that is asked before the environment variable. */
  public static final String ADDRESS_PROPERTY = "holdfast.test.redis";

  private final TestServer server;
  private final Optional<String> login;
  private final List<String> cliOptions;

  RedisServer(TestServer server, Optional<String> login, List<String> cliOptions) {
    super(server);
    this.server = server;
    this.login = login;
    this.cliOptions = cliOptions;
  }

  /**
   * Starts a plain server from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if no source has one
   */
  public static RedisServer launch() {
    return options().launch();
  }

  /**
   * Prepares a server with settings.
   *
   * @return options with the defaults
   */
  public static RedisServerOptions options() {
    return new RedisServerOptions();
  }

  /**
   * The URI of the server.
   *
   * @return {@code redis://host:port}, with user and password if the address was given so
   */
  public String uri() {
    return uri(host(), port());
  }

  /**
   * The URI of the server by way of a proxy.
   *
   * @param proxyHost where the proxy listens
   * @param proxyPort its port
   * @return {@code redis://host:port}
   */
  public String uri(String proxyHost, int proxyPort) {
    return "redis://" + login.map(user -> user + "@").orElse("") + proxyHost + ":" + proxyPort;
  }

  /**
   * Runs {@code redis-cli} against this server, as an operator would.
   *
   * @param command such as {@code SET}, {@code key}, {@code value}
   * @return what it printed, without the last line break; errors of the server are text as well
   * @throws UncheckedIOException if it does not end well, for one because the server is down
   */
  public String cli(String... command) {
    List<String> words = new ArrayList<>(cliOptions);
    words.addAll(List.of(command));
    Optional<String> program = RedisPrograms.find("redis-cli", "valkey-cli");
    try {
      return program.isEmpty() && server instanceof DockerServer docker
          ? docker.ask("redis-cli", words).stripTrailing()
          : cli(program.orElse("redis-cli"), words).stripTrailing();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String cli(String program, List<String> command) throws IOException {
    List<String> words = new ArrayList<>(List.of(program, "-h", host()));
    words.addAll(List.of("-p", Integer.toString(port())));
    words.addAll(command);
    return Commands.run(Path.of("/"), words);
  }

  /** Makes this server a master, whatever it was: a promotion by hand. */
  public void promote() {
    cli("REPLICAOF", "NO", "ONE");
  }
}
