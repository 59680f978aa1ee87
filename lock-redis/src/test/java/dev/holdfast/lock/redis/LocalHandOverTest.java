package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From hand to hand inside one client: one script frees the lock and takes it again. */
class LocalHandOverTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final RedisServer server = TestServers.standalone();
  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** W5, F1: one command per hand-over, in order of arrival, and the tokens increase. */
  @Test
  void handOver_insideOneClient_isOneCommand() throws Exception {
    LockClient client =
        clients.over(
            RedisLocks.at(server.uri()),
            Clients.options().lease(Duration.ofMinutes(10)).pollInterval(Duration.ofMinutes(1)));
    try (Admin admin = Admin.of(server.uri())) {
      admin.introduce(Duration.ofMinutes(10));
      LockHandle first = client.lock("local").acquire(LONG);
      List<Long> tokens = new CopyOnWriteArrayList<>(List.of(first.fencingToken()));
      List<CompletableFuture<Void>> turns = new ArrayList<>();
      int waiters = 50;
      for (int i = 0; i < waiters; i++) {
        turns.add(
            client
                .lock("local")
                .acquireAsync()
                .thenAccept(
                    handle -> {
                      tokens.add(handle.fencingToken());
                      handle.close();
                    }));
      }
      long before = admin.scriptsRun();
      first.close();
      for (CompletableFuture<Void> turn : turns) {
        turn.get(LONG.toSeconds(), TimeUnit.SECONDS);
      }
      Await.until("it to be free", LONG, () -> admin.commands().exists("local") == 0);
      double perHandOver = (double) (admin.scriptsRun() - before - 1) / waiters;
      System.out.printf(
          "[operations] redis inside one client: %.2f commands per hand-over%n", perHandOver);
      assertThat(perHandOver).isEqualTo(1.0);
      assertThat(tokens).hasSize(waiters + 1).isSorted().doesNotHaveDuplicates();
    }
  }

  /** W4: another client's waiter, who came in between, is served before those behind it here. */
  @Test
  void handOver_withAnotherClientInTheQueue_isThatOnes() throws Exception {
    LockClient a = clients.at(server.uri());
    LockClient b = clients.at(server.uri());
    for (int i = 0; i < 20; i++) {
      LockHandle held = a.lock("mixed").acquire(LONG);
      CompletableFuture<LockHandle> foreign = b.lock("mixed").acquireAsync();
      Await.until(
          "its place", LONG, () -> server.cli("LLEN", "holdfast:queue:{mixed}").equals("1"));
      CompletableFuture<LockHandle> local = a.lock("mixed").acquireAsync();
      assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
      LockHandle next = foreign.get(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
      assertThat(local).isNotDone();
      next.close();
      LockHandle last = local.get(LONG.toSeconds(), TimeUnit.SECONDS);
      assertThat(last.fencingToken()).isGreaterThan(next.fencingToken());
      last.close();
    }
  }

  /** R1, W3: the answer of a hand-over is lost: the next one here has the lock all the same. */
  @Test
  void handOver_whoseAnswerIsLost_isFoundOut() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(server.address())) {
      LockClient a = clients.at(server.uri("127.0.0.1", proxy.port()));
      LockClient b = clients.at(server.uri());
      for (int i = 0; i < 5; i++) {
        LockHandle held = a.lock("unanswered").acquire(LONG);
        CompletableFuture<LockHandle> next = a.lock("unanswered").acquireAsync();
        String before = server.cli("GET", "unanswered");
        proxy.blackHole(Direction.SERVER_TO_CLIENT);
        var released = held.releaseAsync().toCompletableFuture();
        Await.until("the hand-over", LONG, () -> !server.cli("GET", "unanswered").equals(before));
        proxy.reset();
        proxy.heal();
        LockHandle granted = next.get(LONG.toSeconds(), TimeUnit.SECONDS);
        assertThat(granted.fencingToken()).isGreaterThan(held.fencingToken());
        assertThat(b.lock("unanswered").tryAcquire()).isEmpty();
        assertThat(released.get(LONG.toSeconds(), TimeUnit.SECONDS))
            .isIn(ReleaseResult.RELEASED, ReleaseResult.UNCONFIRMED);
        assertThat(granted.isHeld()).isTrue();
        granted.close();
      }
    }
  }

  /** R1: a hand-over of a lock that was lost meanwhile takes it from nobody. */
  @Test
  void handOver_ofALockThatSomebodyElseHas_leavesIt() throws Exception {
    LockClient a = clients.at(server.uri());
    LockHandle held = a.lock("taken").acquire(LONG);
    CompletableFuture<LockHandle> next = a.lock("taken").acquireAsync();
    server.cli("SET", "taken", "somebody else");
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    assertThat(server.cli("GET", "taken")).isEqualTo("somebody else");
    assertThat(next).isNotDone();
    server.cli("DEL", "taken");
    next.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
  }
}
