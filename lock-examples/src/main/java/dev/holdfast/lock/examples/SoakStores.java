package dev.holdfast.lock.examples;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.EtcdServer;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.MariaDbServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import dev.holdfast.lock.testkit.server.PulsarServer;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.server.TestServer;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import dev.holdfast.lock.testkit.soak.SoakStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

/** The stores that a soak can start, and so may also freeze and kill. */
final class SoakStores {

  static final String NAMES = "h2, postgresql, mariadb, redis, etcd, zookeeper, pulsar";

  /** Of a database: claims that are still in force, and sessions of others. */
  private static final String LIVE =
      "SELECT 'row of ' || name FROM holdfast_lock WHERE claim_id IS NOT NULL AND ";

  private static final Pattern KEEPS_A_TOPIC =
      Pattern.compile(
          "(?m)^pulsar_(producers|consumers|subscriptions)_count"
              + "\\{[^}]*/(lock-[^\"]*)\"[^}]*\\} ([0-9.eE+]+)");

  private SoakStores() {}

  static Optional<SoakStore> start(String name) {
    return Optional.ofNullable(
        switch (name) {
          case "h2" -> h2();
          case "postgresql" -> postgres();
          case "mariadb" -> mariaDb();
          case "redis" -> redis();
          case "etcd" -> etcd();
          case "zookeeper" -> zooKeeper();
          case "pulsar" -> pulsar();
          default -> null;
        });
  }

  /**
   * A server that was started for the soak.
   *
   * @param left what is left when all clients are gone
   */
  private record Started(TestServer started, String uri, Callable<List<String>> left)
      implements SoakStore {

    @Override
    public String description() {
      return started.description().replaceFirst(" from .*", "");
    }

    @Override
    public Optional<TestServer> server() {
      return Optional.of(started);
    }

    @Override
    public List<String> residue() throws Exception {
      return left.call();
    }

    @Override
    public void close() {
      started.close();
    }
  }

  private static SoakStore h2() {
    H2Server h2 = H2Server.launch();
    return new Started(
        h2,
        h2.jdbcUrl() + ";USER=" + h2.user(),
        () ->
            rows(
                h2.connect(),
                LIVE + "DATEADD(MILLISECOND, lease_ms, start_time) > CURRENT_TIMESTAMP",
                "SELECT 'session of ' || user_name FROM information_schema.sessions"
                    + " WHERE session_id <> SESSION_ID()"));
  }

  private static SoakStore postgres() {
    PostgresServer postgres = PostgresServer.launch();
    String login = "?user=%s&password=%s".formatted(postgres.user(), postgres.password());
    return new Started(
        postgres,
        postgres.jdbcUrl() + login + "&holdfast.createSchema=true",
        () ->
            rows(
                postgres.connect(),
                LIVE + "start_time + lease_ms * interval '1 ms' > clock_timestamp()",
                "SELECT 'session of ' || application_name || ': ' || query FROM pg_stat_activity"
                    + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"));
  }

  private static SoakStore mariaDb() {
    MariaDbServer mariaDb = MariaDbServer.launch();
    String login = "&user=%s&password=%s".formatted(mariaDb.user(), mariaDb.password());
    return new Started(
        mariaDb,
        mariaDb.jdbcUrl() + login + "&holdfast.createSchema=true",
        () ->
            rows(
                mariaDb.connect(),
                "SELECT name FROM holdfast_lock WHERE claim_id IS NOT NULL AND"
                    + " start_time + INTERVAL lease_ms * 1000 MICROSECOND > UTC_TIMESTAMP(6)",
                "SELECT concat('session ', id, ': ', coalesce(info, command))"
                    + " FROM information_schema.processlist"
                    + " WHERE id <> connection_id() AND command <> 'Daemon'"));
  }

  private static List<String> rows(Connection opened, String... queries) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = opened;
        var statement = connection.createStatement()) {
      for (String query : queries) {
        try (ResultSet result = statement.executeQuery(query)) {
          while (result.next()) {
            rows.add(result.getString(1));
          }
        }
      }
    }
    return rows;
  }

  private static SoakStore redis() {
    RedisServer redis = RedisServer.launch();
    return new Started(redis, redis.uri(), () -> left(redis));
  }

  /** Keys that nobody will ever remove (records apart), queues, and connections of clients. */
  private static List<String> left(RedisServer redis) {
    List<String> left = new ArrayList<>();
    for (String key : lines(redis.cli("KEYS", "*"))) {
      boolean forEver =
          redis.cli("PTTL", key).endsWith("-1") && !key.startsWith("holdfast:record:");
      boolean wanted = !key.startsWith("holdfast:");
      if (forEver || wanted) {
        left.add("key " + key);
      }
    }
    lines(redis.cli("CLIENT", "LIST", "TYPE", "normal")).stream()
        .filter(line -> !line.contains("cmd=client"))
        .forEach(line -> left.add("connection " + line));
    lines(redis.cli("PUBSUB", "CHANNELS")).forEach(line -> left.add("channel " + line));
    return left;
  }

  private static List<String> lines(String text) {
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static SoakStore etcd() {
    EtcdServer etcd = EtcdServer.launch();
    return new Started(
        etcd,
        "etcd://" + etcd.host() + ":" + etcd.port(),
        () -> {
          List<String> left = new ArrayList<>();
          figure(
              left, "keys", (long) etcd.metric("etcd_debugging_mvcc_keys_total", labels -> true));
          figure(
              left,
              "watchers",
              (long) etcd.metric("etcd_debugging_mvcc_watcher_total", labels -> true));
          return left;
        });
  }

  private static SoakStore zooKeeper() {
    ZooKeeperServer zooKeeper = ZooKeeperServer.launch();
    return new Started(
        zooKeeper,
        "zookeeper://" + zooKeeper.connectString(),
        () -> {
          List<String> left = new ArrayList<>();
          figure(left, "ephemeral nodes", zooKeeper.metric("zk_ephemerals_count"));
          figure(left, "sessions", zooKeeper.metric("zk_global_sessions"));
          figure(left, "watches", zooKeeper.metric("zk_watch_count"));
          return left;
        });
  }

  /** A broker must know the proxies before it from its start. */
  private record StartedPulsar(PulsarServer pulsar, Started started) implements SoakStore {

    static final int WAYS = 16;

    @Override
    public String description() {
      return started.description();
    }

    @Override
    public String uri() {
      return started.uri();
    }

    @Override
    public Optional<TestServer> server() {
      return started.server();
    }

    @Override
    public Optional<FaultProxy> way(int process) {
      if (process >= WAYS) {
        throw new IllegalArgumentException("pulsar: at most %d processes".formatted(WAYS));
      }
      return Optional.of(pulsar.proxies().get(process));
    }

    @Override
    public List<String> residue() throws Exception {
      return started.residue();
    }

    @Override
    public void close() {
      started.close();
    }
  }

  private static SoakStore pulsar() {
    PulsarServer pulsar = PulsarServer.options().proxies(StartedPulsar.WAYS).launchOwn();
    return new StartedPulsar(
        pulsar, new Started(pulsar, pulsar.serviceUrl(), () -> left(pulsar.admin().metrics())));
  }

  /** What keeps the broker from deleting the topics of locks. */
  private static List<String> left(String metrics) {
    List<String> left = new ArrayList<>();
    KEEPS_A_TOPIC
        .matcher(metrics)
        .results()
        .forEach(
            match ->
                figure(
                    left,
                    match.group(1) + " of the topic " + match.group(2),
                    (long) Double.parseDouble(match.group(3))));
    return left;
  }

  private static void figure(List<String> left, String what, long count) {
    if (count > 0) {
      left.add(count + " " + what);
    }
  }
}
