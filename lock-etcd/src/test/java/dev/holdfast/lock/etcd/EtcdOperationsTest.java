package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.EtcdServer;
import io.etcd.jetcd.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What etcd itself has counted: requests by method. */
class EtcdOperationsTest {

  private static final List<String> METHODS =
      List.of(
          "Txn",
          "Range",
          "Put",
          "DeleteRange",
          "LeaseGrant",
          "LeaseRevoke",
          "LeaseKeepAlive",
          "LeaseTimeToLive",
          "Watch");

  private static EtcdServer server;

  @BeforeAll
  static void start() {
    server = EtcdServer.launch();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String uri() {
    return "etcd://" + server.host() + ":" + server.port() + "/counted";
  }

  /** A lease so long that no renewal falls into what is counted. */
  private static LockClient client() {
    return LockClient.connect(
        uri(), LockClientOptions.builder().lease(Duration.ofMinutes(10)).build());
  }

  private static Map<String, Integer> counted() throws IOException {
    Map<String, Integer> counted = new LinkedHashMap<>();
    for (String method : METHODS) {
      String label = "grpc_method=\"" + method + "\"";
      int times = (int) server.metric("grpc_server_started_total", s -> s.contains(label));
      counted.put(method, times);
    }
    return counted;
  }

  /** Something that is counted. */
  private interface Work {
    void run() throws Exception;
  }

  /** The methods that were called, with how often. */
  private static Map<String, Integer> calls(Work work) throws Exception {
    Map<String, Integer> before = counted();
    work.run();
    Map<String, Integer> after = counted();
    Map<String, Integer> calls = new LinkedHashMap<>();
    METHODS.forEach(
        method -> {
          int times = after.get(method) - before.get(method);
          if (times > 0) {
            calls.put(method, times);
          }
        });
    return calls;
  }

  private static void report(String text) {
    System.out.println("[operations] etcd " + text);
  }

  @Test
  void acquireAndRelease_areOneRequestEach() throws Exception {
    try (LockClient a = client()) {
      a.lock("n").acquire().close();
      List<LockHandle> held = new ArrayList<>();
      assertThat(calls(() -> held.add(a.lock("n").acquire()))).isEqualTo(Map.of("Txn", 1));
      assertThat(calls(() -> held.get(0).close())).isEqualTo(Map.of("Txn", 1));
      assertThat(calls(() -> held.add(a.lock("new").tryAcquire().orElseThrow())))
          .isEqualTo(Map.of("Txn", 1));
      try (LockClient b = client()) {
        b.lock("other").acquire().close();
        Map<String, Integer> refused =
            calls(() -> assertThat(b.lock("new").tryAcquire()).isEmpty());
        assertThat(refused).isEqualTo(Map.of("Txn", 2));
      }
    }
  }

  /** One lease per client, and the first use of a client is the only one to make it. */
  @Test
  void lease_isMadeOncePerClient_andRevokedAtItsEnd() throws Exception {
    LockClient a = client();
    Map<String, Integer> used =
        calls(
            () -> {
              for (int i = 0; i < 50; i++) {
                a.lock("n" + i).acquire().close();
              }
            });
    assertThat(used).isEqualTo(Map.of("LeaseGrant", 1, "Txn", 100));
    assertThat(calls(a::close)).isEqualTo(Map.of("LeaseRevoke", 1));
  }

  /** S2: a keep-alive, the read that confirms it, and what lies under the lease. */
  @Test
  void renewal_isThreeRequests_forAnyNumberOfLocks() throws Exception {
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(4)).build();
    try (LockClient a = LockClient.connect(uri(), options)) {
      List<LockHandle> held = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        held.add(a.lock("renewed" + i).acquire());
      }
      int periods = 6;
      long begun = System.nanoTime();
      Map<String, Integer> calls =
          calls(
              () -> {
                long end = System.nanoTime() + 950_000_000L * periods;
                Await.until("periods", Duration.ofSeconds(20), () -> System.nanoTime() > end);
              });
      // Looking takes time as well; and a round that comes late is one more in what is counted.
      long most = (System.nanoTime() - begun) / 900_000_000 + 2;
      report("renewal of 500 locks in " + periods + " periods: " + calls);
      assertThat(calls.keySet())
          .containsExactlyInAnyOrder("Txn", "LeaseKeepAlive", "LeaseTimeToLive");
      assertThat(calls.values()).allMatch(times -> times >= periods - 2 && times <= most);
      assertThat(held).allMatch(LockHandle::isHeld);
    }
  }

  /** The thread behind it gets the lock in the transaction that releases it. */
  @Test
  void handOverWithinAClient_isOneRequest() throws Exception {
    try (LockClient a = client()) {
      LockHandle first = a.lock("n").acquire();
      List<CompletableFuture<LockHandle>> waiters = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        CompletableFuture<LockHandle> waiter = a.lock("n").acquireAsync();
        waiters.add(waiter);
      }
      List<CompletableFuture<Void>> done = new ArrayList<>();
      waiters.forEach(waiter -> done.add(waiter.thenAccept(LockHandle::close)));
      Map<String, Integer> calls =
          calls(
              () -> {
                first.close();
                for (CompletableFuture<Void> each : done) {
                  each.get(20, TimeUnit.SECONDS);
                }
              });
      assertThat(calls).isEqualTo(Map.of("Txn", 11));
    }
  }

  /** One who waits, and what it was answered too early. */
  private record Waiter(LockClient client, Client lent, EarlyAnswers early)
      implements AutoCloseable {

    /** It does not ask again by itself. */
    static Waiter open() {
      EarlyAnswers early = new EarlyAnswers();
      Client lent = Client.builder().endpoints(server.endpoint()).interceptor(early).build();
      LockClient client =
          LockClient.over(
              EtcdLocks.over(lent, EtcdLockOptions.builder().keyPrefix("counted").build()),
              LockClientOptions.builder()
                  .lease(Duration.ofMinutes(10))
                  .pollInterval(Duration.ofMinutes(1))
                  .build());
      return new Waiter(client, lent, early);
    }

    @Override
    public void close() {
      client.close();
      lent.close();
    }
  }

  /**
   * W5: the deletion, and one look of the one who is next, at any number of waiters; one more only
   * where the first was answered too early. To stand in line takes the claim and a watch: where
   * nothing was written in between, nothing can be missed.
   */
  @Test
  void handOverBetweenClients_isTwoRequests() throws Exception {
    for (int waiters : new int[] {2, 10}) {
      List<Waiter> line = new ArrayList<>();
      String name = "between" + waiters;
      LockClient a = client();
      LockHandle first = a.lock(name).acquire();
      List<CompletableFuture<Void>> done = new ArrayList<>();
      int claims = counted().get("Txn");
      for (int i = 0; i < waiters; i++) {
        Waiter waiter = Waiter.open();
        line.add(waiter);
        done.add(waiter.client.lock(name).acquireAsync().thenAccept(LockHandle::close));
        int stand = i + 1;
        Await.until(
            "waiter " + i + " to stand in line",
            Duration.ofSeconds(20),
            () ->
                server.metric("etcd_debugging_mvcc_watcher_total", labels -> true) == stand
                    && counted().get("Txn") == claims + stand);
      }
      Map<String, Integer> calls =
          calls(
              () -> {
                first.close();
                for (CompletableFuture<Void> each : done) {
                  each.get(20, TimeUnit.SECONDS);
                }
              });
      int early = line.stream().mapToInt(waiter -> waiter.early.count()).sum();
      report(
          "hand-over between clients, %d waiters: %s, %d answered too early"
              .formatted(waiters, calls, early));
      assertThat(line).allMatch(waiter -> waiter.early.count() <= 1, "asks twice at most");
      assertThat(calls).isEqualTo(Map.of("Txn", 2 * waiters + 1 + early));
      a.close();
      line.forEach(Waiter::close);
    }
  }
}
