package dev.holdfast.lock.testkit.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which redis-server to start, and how. Not thread-safe; may launch several servers. */
public final class RedisServerOptions extends ServerOptions<RedisServerOptions> {

  private final List<String> lines = new ArrayList<>();
  private final List<String> cliOptions = new ArrayList<>();
  private boolean persistent = true;
  private boolean sentinel;
  private boolean tls;
  private boolean replica;
  private boolean plain = true;

  RedisServerOptions() {}

  /**
   * Adds a line to the configuration; a server given by its address is not used then.
   *
   * @param line such as {@code maxmemory 10mb}; {@code {port}} and {@code {data}} in it stand for
   *     the server's port and folder
   * @return this
   */
  public RedisServerOptions line(String line) {
    lines.add(line);
    plain = false;
    return this;
  }

  @Override
  RedisServerOptions self() {
    return this;
  }

  /**
   * Keeps nothing on disk: a server that is killed comes back empty.
   *
   * @return this
   */
  public RedisServerOptions withoutPersistence() {
    persistent = false;
    plain = false;
    return this;
  }

  /**
   * Wants a password of everybody; {@link RedisServer#cli} gives it.
   *
   * @param password for the default user
   * @return this
   */
  public RedisServerOptions password(String password) {
    cliOptions.addAll(List.of("--no-auth-warning", "-a", password));
    return line("requirepass " + password).line("masterauth " + password);
  }

  /**
   * Listens for TLS only.
   *
   * @param certificate the server's, in PEM
   * @param key its private key, in PEM
   * @param authority who signed it, in PEM
   * @return this
   */
  public RedisServerOptions tls(Path certificate, Path key, Path authority) {
    tls = true;
    cliOptions.addAll(List.of("--tls", "--cacert", authority.toString()));
    return line("tls-port {port}")
        .line("tls-cert-file " + certificate)
        .line("tls-key-file " + key)
        .line("tls-ca-cert-file " + authority)
        .line("tls-auth-clients no");
  }

  /**
   * Replicates another server.
   *
   * @param master which
   * @return this
   */
  public RedisServerOptions replicaOf(RedisServer master) {
    replica = true;
    return line("replicaof " + master.host() + " " + master.port())
        .line("repl-diskless-sync-delay 0");
  }

  /**
   * Is a Sentinel, which watches a master.
   *
   * @param name of the master
   * @param master which
   * @param quorum how many Sentinels must agree
   * @param downAfterMillis when the master counts as down
   * @return this
   */
  public RedisServerOptions sentinelOf(
      String name, RedisServer master, int quorum, int downAfterMillis) {
    sentinel = true;
    persistent = false;
    return line("sentinel monitor "
            + name
            + " "
            + master.host()
            + " "
            + master.port()
            + " "
            + quorum)
        .line("sentinel down-after-milliseconds " + name + " " + downAfterMillis)
        .line("sentinel failover-timeout " + name + " " + 4 * downAfterMillis)
        .line("sentinel parallel-syncs " + name + " 1");
  }

  /**
   * Starts a server from the first source that has one.
   *
   * @return the server, ready for clients
   * @throws ServerUnavailableException if none has one
   * @throws IllegalStateException if it does not start, with the end of its log
   */
  public RedisServer launch() {
    TestServer server =
        new ServerSources("Redis")
            .with(
                ServerSource.ENVIRONMENT,
                "set " + RedisServer.ADDRESS_VARIABLE + " to redis://host:port",
                () -> plain ? RedisAddress.given().map(RedisAddress::server) : Optional.empty())
            .with(ServerSource.DOCKER, ContainerImage.REDIS.hint(), this::docker)
            .with(ServerSource.PATH, "apt-get install redis-server", this::installed)
            .first(sourcesThatWillDo());
    Optional<RedisAddress> given =
        server.isControllable() ? Optional.empty() : RedisAddress.given();
    given.ifPresent(address -> cliOptions.addAll(address.cliOptions()));
    return new RedisServer(server, given.flatMap(RedisAddress::login), List.copyOf(cliOptions));
  }

  /** A container knows nothing of this machine: no file, and no other server. */
  private Set<ServerSource> sourcesThatWillDo() {
    Set<ServerSource> allowed = sources();
    if (sentinel || tls || replica) {
      allowed.remove(ServerSource.DOCKER);
    }
    return allowed;
  }

  private Optional<TestServer> docker() {
    return ContainerImage.REDIS
        .find()
        .map(image -> DockerServer.start(new RedisContainer(image, settings())));
  }

  private Optional<TestServer> installed() {
    return RedisPrograms.server().map(this::start);
  }

  private TestServer start(String program) {
    return ServerProcess.start(new RedisRecipe(program, sentinel, tls, settings(), environment()));
  }

  private List<String> settings() {
    List<String> all = new ArrayList<>();
    if (!sentinel) {
      all.add("save \"\"");
      all.add("appendonly " + (persistent ? "yes" : "no"));
      all.add("appendfsync always");
    }
    all.addAll(lines);
    return List.copyOf(all);
  }
}
