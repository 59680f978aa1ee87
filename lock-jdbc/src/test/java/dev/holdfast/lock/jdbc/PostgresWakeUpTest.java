package dev.holdfast.lock.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PgBouncerServer;
import dev.holdfast.lock.testkit.server.PostgresServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is woken, when, and at what price, by the server's own log of statements and messages. */
class PostgresWakeUpTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** A waiter that is woken asks no more often than this. */
  private static final Duration POLL = Duration.ofSeconds(10);

  private static PostgresServer server;
  private Database database;
  private final List<LockClient> clients = new ArrayList<>();

  @BeforeAll
  static void start() {
    server =
        PostgresServer.options()
            .set("log_statement", "all")
            .set("log_min_messages", "debug1")
            .set("trace_notify", "on")
            .launch();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void open() {
    database = Database.at(Servers.url(server));
  }

  @AfterEach
  void close() {
    clients.forEach(LockClient::close);
    database.close();
  }

  private LockClient client() {
    return client(JdbcLocks.at(database.url(), database.options()), POLL);
  }

  private LockClient client(LockBackendFactory factory, Duration poll) {
    LockClientOptions options =
        LockClientOptions.builder().lease(Duration.ofSeconds(15)).pollInterval(poll).build();
    LockClient client = LockClient.over(factory, options);
    clients.add(client);
    return client;
  }

  private List<String> waiters() {
    return database.query(
        "SELECT waiter FROM TABLE_NAME WHERE waiter IS NOT NULL AND claim_id IS NOT NULL");
  }

  private CompletableFuture<LockHandle> enlisted(LockClient client, String name) {
    CompletableFuture<LockHandle> wait = client.lock(name).acquireAsync();
    Await.until("its entry", LONG, () -> waiters().size() == 1);
    return wait;
  }

  private static List<String> notified(List<String> log) {
    return log.stream().filter(line -> line.contains("Async_Notify")).toList();
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** W3. Polled, it would be a tenth of a second on average behind a hold of a second. */
  @Test
  void release_wakesTheOneThatWaits_atOnce() throws Exception {
    LockClient a = client();
    LockClient b = client();
    List<Long> micros = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      LockHandle held = a.lock("n").acquire();
      CompletableFuture<LockHandle> wait = enlisted(b, "n");
      long released = System.nanoTime();
      held.release();
      LockHandle next = wait.get(20, TimeUnit.SECONDS);
      micros.add(since(released).toNanos() / 1_000);
      next.release();
    }
    micros.sort(null);
    System.out.printf(
        "[hand-over] jdbc:postgresql woken: median %d us, longest %d us%n",
        micros.get(4), micros.get(8));
    // one that nobody wakes would ask after 3.6 s at the earliest
    assertThat(micros.get(4)).isLessThan(1_000_000);
  }

  /** The price of a wait: an entry every few seconds, and a hand-over of two statements. */
  @Test
  void wait_costsAFewStatements() throws Exception {
    LockClient a = client();
    LockClient b = client();
    LockHandle first = a.lock("warm-up").acquire();
    CompletableFuture<LockHandle> warm = enlisted(b, "warm-up");
    first.release();
    warm.get(20, TimeUnit.SECONDS).release();
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> wait = enlisted(b, "n");
    long begun = System.nanoTime();
    List<String> waited =
        PostgresLog.statements(
                new PostgresLog(server)
                    .lines(
                        database,
                        () ->
                            Await.until(
                                "2 s", LONG, () -> since(begun).compareTo(POLL.dividedBy(5)) > 0)))
            .toList();
    assertThat(waited).as("while it waits").hasSizeLessThan(4);
    List<String> handOver =
        new PostgresLog(server)
            .lines(
                database,
                () -> {
                  held.release();
                  wait.join();
                });
    // a renewal of the lock that is given up may fall in between
    assertThat(PostgresLog.statements(handOver).filter(s -> !s.startsWith("WITH"))).hasSize(2);
    assertThat(notified(handOver)).hasSize(1);
    wait.get().release();
  }

  /** W5: of many that wait, one is told. The next is told by the next release. */
  @Test
  void release_wakesOneOfMany() throws Exception {
    int before = notified(server.logLines()).size();
    LockHandle held = client().lock("n").acquire();
    List<CompletableFuture<LockHandle>> waits = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      waits.add(client().lock("n").acquireAsync());
    }
    Await.until(
        "the self-tests", LONG, () -> notified(server.logLines()).size() == before + waits.size());
    Await.until("an entry", LONG, () -> waiters().size() == 1);
    List<String> log =
        new PostgresLog(server)
            .lines(
                database,
                () -> {
                  held.release();
                  CompletableFuture.anyOf(waits.toArray(CompletableFuture[]::new)).join();
                });
    assertThat(notified(log)).hasSize(1);
    for (int i = 0; i < 5; i++) {
      Await.until("a grant", LONG, () -> waits.stream().anyMatch(CompletableFuture::isDone));
      CompletableFuture<LockHandle> next =
          waits.stream().filter(CompletableFuture::isDone).findFirst().orElseThrow();
      waits.removeIf(wait -> wait == next);
      next.get().release();
    }
  }

  /** Unconditional notifications would cut the throughput to a quarter. */
  @Test
  void release_withNobodyWaiting_tellsNobody() throws Exception {
    LockClient a = client();
    a.lock("n").acquire().release();
    List<String> log =
        new PostgresLog(server)
            .lines(
                database,
                () -> {
                  for (int i = 0; i < 20; i++) {
                    takeAndRelease(a);
                  }
                });
    assertThat(PostgresLog.statements(log)).hasSize(40).noneMatch(s -> s.startsWith("LISTEN"));
    assertThat(notified(log)).isEmpty();
  }

  private static void takeAndRelease(LockClient client) {
    try {
      client.lock("n").tryAcquire().orElseThrow().release();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** W1: the entry of one who gave up keeps nobody from a free lock, and ends by itself. */
  @Test
  void waiterThatGaveUp_keepsNobodyFromTheLock() throws Exception {
    LockClient a = client();
    LockClient b = client();
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> wait = enlisted(b, "n");
    wait.cancel(true);
    held.release();
    LockHandle once = client().lock("n").tryAcquire().orElseThrow();
    CompletableFuture<LockHandle> other = client().lock("n").acquireAsync();
    once.release();
    other.get(5, TimeUnit.SECONDS).release();
  }

  /** Who releases and asks again at once does not always win, not even if nobody listens. */
  @ParameterizedTest
  @CsvSource({"60, true", "60, false", "1, true", "1, false", "600, false"})
  void holderThatComesBackAtOnce_letsTheWaiterIn(int holdMillis, boolean listen) throws Exception {
    JdbcLockOptions options =
        JdbcLockOptions.builder().table(database.table()).createSchema(true).listen(listen).build();
    LockClient a = client(JdbcLocks.at(database.url(), options), POLL);
    LockClient b = client(JdbcLocks.at(database.url(), options), POLL);
    DistributedLock lock = a.lock("n");
    boolean[] stop = {false};
    Thread greedy =
        new Thread(
            () -> {
              while (!stop[0]) {
                try (LockHandle held = lock.acquire()) {
                  LockSupport.parkNanos(holdMillis * 1_000_000L);
                  held.ensureHeld();
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
    greedy.start();
    try {
      for (int i = 0; i < 5; i++) {
        long begun = System.nanoTime();
        b.lock("n").acquire(LONG).release();
        assertThat(since(begun))
            .isLessThan(Await.scaled(Duration.ofMillis(2_000 + 2L * holdMillis)));
      }
    } finally {
      stop[0] = true;
      greedy.join();
    }
  }

  /** W3: the line that listens is cut; the waiter polls, and another line is opened. */
  @Test
  void listeningSession_killed_costsAPollAtMost() throws Exception {
    LockClient a = client();
    LockClient b = client(JdbcLocks.at(database.url(), database.options()), Duration.ofMillis(500));
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> wait = enlisted(b, "n");
    assertThat(
            database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    + " WHERE query LIKE 'LISTEN \"holdfast%'"))
        .isNotEmpty();
    held.release();
    wait.get(2, TimeUnit.SECONDS).release();
  }

  /** Nobody's connection, thread or LISTEN stays when the waiting is over. */
  @Test
  void listening_endsSoonAfterTheLastWait() throws Exception {
    LockClient a = client();
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> wait = enlisted(client(), "n");
    assertThat(listeners()).isEqualTo(1);
    held.release();
    wait.get(20, TimeUnit.SECONDS).release();
    Await.until("no listener", LONG, () -> listeners() == 0);
  }

  private int listeners() {
    return Integer.parseInt(
        database
            .query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"holdfast%'")
            .get(0));
  }

  /** H-66: a pool of one stays with its owner; the waiter polls. */
  @Test
  void poolOfOne_isNotTakenForListening() throws Exception {
    LockHandle held = client().lock("n").acquire();
    try (Connection one = database.connect()) {
      OneConnection lent = new OneConnection(one);
      LockClient b = client(JdbcLocks.over(lent, database.options()), Duration.ofMillis(400));
      CompletableFuture<LockHandle> wait = b.lock("n").acquireAsync();
      long begun = System.nanoTime();
      while (since(begun).toMillis() < 1_500) {
        try (Connection work = lent.getConnection()) {
          assertThat(work.isValid(1)).isTrue();
        }
      }
      assertThat(listeners()).isZero();
      held.release();
      wait.get(2, TimeUnit.SECONDS).release();
    }
  }

  /** A lent pool gets its connection back without our LISTEN on it. */
  @Test
  void lentConnection_goesBackDeaf() throws Exception {
    LockHandle held = client().lock("n").acquire();
    List<Connection> open = new ArrayList<>();
    DirectDataSource lent =
        new DirectDataSource(database.url()) {
          @Override
          public synchronized Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            open.add(connection);
            return (Connection) closingNothing(connection);
          }
        };
    try {
      LockClient b = client(JdbcLocks.over(lent, database.options()), POLL);
      CompletableFuture<LockHandle> wait = enlisted(b, "n");
      held.release();
      wait.get(20, TimeUnit.SECONDS).release();
      b.close();
      synchronized (lent) {
        for (Connection connection : open) {
          try (Statement statement = connection.createStatement();
              var channels = statement.executeQuery("SELECT * FROM pg_listening_channels()")) {
            assertThat(channels.next()).isFalse();
          }
        }
      }
    } finally {
      for (Connection connection : open) {
        connection.close();
      }
    }
  }

  private static Object closingNothing(Connection connection) {
    return Proxy.newProxyInstance(
        PostgresWakeUpTest.class.getClassLoader(),
        new Class<?>[] {Connection.class},
        (proxy, method, arguments) ->
            method.getName().equals("close") ? null : invoke(connection, method, arguments));
  }

  private static Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The self-test: on this way LISTEN leads nowhere, and nothing else shows it. */
  @Test
  void notificationsThatDoNotArrive_areNoticed_andSaidOnce() throws Exception {
    DirectDataSource lent =
        new DirectDataSource(database.url()) {
          @Override
          public Connection getConnection() throws SQLException {
            return deaf(super.getConnection());
          }
        };
    LockHandle held = client().lock("n").acquire();
    LockClient b = client(JdbcLocks.over(lent, database.options()), Duration.ofMillis(500));
    String said = waitsUntilSaid(b, held);
    assertThat(said).containsOnlyOnce("notifications do not arrive");
    assertThat(waiters()).isEmpty();
  }

  private static Connection deaf(Connection connection) {
    return (Connection)
        Proxy.newProxyInstance(
            PostgresWakeUpTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Object result = invoke(connection, method, arguments);
              return result instanceof Statement statement
                      && method.getName().equals("createStatement")
                  ? deaf(statement)
                  : result;
            });
  }

  private static Statement deaf(Statement statement) {
    return (Statement)
        Proxy.newProxyInstance(
            PostgresWakeUpTest.class.getClassLoader(),
            new Class<?>[] {Statement.class},
            (proxy, method, arguments) ->
                method.getName().equals("execute") && ((String) arguments[0]).startsWith("LISTEN")
                    ? false
                    : invoke(statement, method, arguments));
  }

  /** Behind a pooler nobody listens at all: its sessions would keep the LISTEN for ever. */
  @Test
  void pooler_isNoticed_andSaidOnce() throws Exception {
    try (PgBouncerServer pooler = PgBouncerServer.before(server)) {
      String url = Servers.login(pooler.jdbcUrl(), server);
      LockHandle held = client().lock("n").acquire();
      LockClient b = client(JdbcLocks.at(url, database.options()), Duration.ofMillis(500));
      assertThat(waitsUntilSaid(b, held)).containsOnlyOnce("a pooler");
      assertThat(listeners()).isZero();
      b.close();
    }
  }

  /** Waits in vain until it is said, and once more; then gets it by polling. */
  private static String waitsUntilSaid(LockClient client, LockHandle held) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      Await.until(
          "a word about it",
          LONG,
          () -> {
            waitInVain(client);
            return said.toString(StandardCharsets.UTF_8).contains("poll");
          });
      waitInVain(client);
    } finally {
      System.setErr(before);
    }
    CompletableFuture<LockHandle> wait = client.lock("n").acquireAsync();
    held.release();
    wait.get(2, TimeUnit.SECONDS).release();
    return said.toString(StandardCharsets.UTF_8);
  }

  private static void waitInVain(LockClient client) throws InterruptedException {
    assertThat(client.lock("n").tryAcquire(Duration.ofMillis(300))).isEmpty();
  }
}
