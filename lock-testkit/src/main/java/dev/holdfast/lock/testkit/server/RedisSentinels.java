package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A master, a replica and three Sentinels that watch them, on loopback. A master that does not
 * answer for a while is replaced.
 *
 * <p><b>Threads.</b> Safe for concurrent use after {@link #launch()}.
 */
public final class RedisSentinels implements AutoCloseable {

  private static final String NAME = "holdfast";

  private static final int SENTINELS = 3;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<RedisServer> servers = new ArrayList<>();
  private final List<RedisServer> sentinels = new ArrayList<>();

  private RedisSentinels() {}

  /**
   * Starts all of them; a master that does not answer for a second is replaced.
   *
   * @return with a replica in step, and Sentinels that know each other
   * @throws ServerUnavailableException if there is no server to start
   */
  public static RedisSentinels launch() {
    return launch(Duration.ofSeconds(1));
  }

  /**
   * Starts all of them, for tests in which no master may be replaced by mistake as well.
   *
   * @param downAfter for how long a master may be silent
   * @return with a replica in step, and Sentinels that know each other
   * @throws ServerUnavailableException if there is no server to start
   */
  public static RedisSentinels launch(Duration downAfter) {
    int millis = Math.toIntExact(downAfter.toMillis());
    RedisSentinels all = new RedisSentinels();
    try {
      // not in a container: it would know its replica by the address of a bridge
      RedisServer master =
          RedisServer.options().from(ServerSource.PATH).line("repl-diskless-sync-delay 0").launch();
      all.servers.add(master);
      all.servers.add(RedisServer.options().replicaOf(master).launch());
      for (int i = 0; i < SENTINELS; i++) {
        all.sentinels.add(
            RedisServer.options().sentinelOf(NAME, master, SENTINELS / 2 + 1, millis).launch());
      }
      all.awaitHealthy();
      return all;
    } catch (RuntimeException | AssertionError e) {
      all.close();
      throw e;
    }
  }

  /** Waits until a master has a replica in step, and every Sentinel knows all of it. */
  public void awaitHealthy() {
    Await.until(
        "Sentinels that agree",
        LIMIT,
        () ->
            master().cli("INFO", "replication").contains("state=online")
                && sentinels.stream().allMatch(RedisSentinels::knowsAll));
  }

  private static boolean knowsAll(RedisServer sentinel) {
    String master = sentinel.cli("SENTINEL", "MASTER", NAME);
    return value(master, "num-slaves").equals("1")
        && value(master, "num-other-sentinels").equals(String.valueOf(SENTINELS - 1))
        && value(master, "flags").equals("master");
  }

  private static String value(String lines, String key) {
    List<String> words = lines.lines().toList();
    int at = words.indexOf(key);
    return at < 0 ? "" : words.get(at + 1);
  }

  /**
   * Who is the master now.
   *
   * @return the server that the first Sentinel names
   */
  public RedisServer master() {
    String[] address =
        sentinels.get(0).cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).split("\n", -1);
    int port = Integer.parseInt(address[1].strip());
    return servers.stream().filter(server -> server.port() == port).findFirst().orElseThrow();
  }

  /**
   * Master and replica.
   *
   * @return both, in the order in which they were started
   */
  public List<RedisServer> servers() {
    return servers;
  }

  /**
   * The URI by which clients find the master.
   *
   * @return {@code redis-sentinel://host:port,...#name}
   */
  public String uri() {
    return sentinels.stream()
        .map(sentinel -> sentinel.host() + ":" + sentinel.port())
        .collect(Collectors.joining(",", "redis-sentinel://", "#" + NAME));
  }

  /** Ends all of them. */
  @Override
  public void close() {
    sentinels.forEach(RedisServer::close);
    servers.forEach(RedisServer::close);
  }
}
