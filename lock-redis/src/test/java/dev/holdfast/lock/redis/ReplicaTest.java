package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.spi.TestClaim;
import dev.holdfast.lock.testkit.spi.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A master and its replica, of which the replica is promoted: by hand, so that nothing is chance.
 */
class ReplicaTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final Duration AN_HOUR = Duration.ofHours(1);

  private static final RedisLockOptions CONFIRMED =
      RedisLockOptions.builder().minReplicas(1).build();

  private final Clients clients = new Clients();
  private RedisServer master;
  private RedisServer replica;

  /** To whoever is the master: retargeted at the promotion. */
  private FaultProxy proxy;

  @BeforeEach
  void start() {
    master = RedisServer.options().line("repl-diskless-sync-delay 0").launch();
    replica = RedisServer.options().replicaOf(master).launch();
    inStep();
    proxy = FaultProxy.to(master.address());
  }

  private void inStep() {
    Await.until(
        "a replica in step",
        LONG,
        () ->
            master.cli("INFO", "replication").contains("slave0:")
                && master.cli("INFO", "replication").contains("state=online"));
  }

  @AfterEach
  void stop() {
    clients.close();
    proxy.close();
    replica.close();
    master.close();
  }

  private String uri() {
    return master.uri("127.0.0.1", proxy.port());
  }

  private void promote() {
    master.kill();
    replica.promote();
    proxy.retarget(replica.address());
    proxy.reset();
  }

  /** L3: a replica that has all of it takes over, and nothing is lost. */
  @Test
  void promotion_ofAReplicaInStep_keepsTheLock() throws Exception {
    LockClient a =
        clients.over(RedisLocks.at(uri()), Clients.options().lease(Duration.ofSeconds(4)));
    LockClient b =
        clients.over(RedisLocks.at(uri()), Clients.options().lease(Duration.ofSeconds(4)));
    LockHandle held = a.lock("in step").acquire(LONG);
    assertThat(master.cli("WAIT", "1", "1000")).isEqualTo("1");
    promote();
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(Duration.ofSeconds(3)) > 0);
    assertThat(b.lock("in step").tryAcquire()).isEmpty();
    long before = held.fencingToken();
    held.close();
    try (LockHandle next = b.lock("in step").acquire(LONG)) {
      assertThat(next.fencingToken()).isGreaterThan(before);
    }
  }

  /**
   * L1, H-94: what cannot be told first. A replica that never got the key is promoted: another
   * client may be granted the lock, the holder is told REVOKED at its next renewal, and the tokens
   * increase all the same, for they follow the clock.
   */
  @Test
  void promotion_ofAReplicaWithoutTheKey_isToldAtTheNextRenewal() throws Exception {
    LockClient a = clients.at(uri());
    LockClient b = clients.at(uri());
    a.lock("warm up").acquire(LONG).close();
    b.lock("warm up").acquire(LONG).close();
    replica.cli("REPLICAOF", "127.0.0.1", "1"); // no more news from its master
    LockHandle held = a.lock("lacking").acquire();
    promote();
    LockHandle next = b.lock("lacking").acquire(LONG);
    assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
    var loss = held.lost().toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(loss.reason()).isIn(LossReason.REVOKED, LossReason.EXPIRED);
    assertThat(next.isHeld()).isTrue();
    next.close();
  }

  /** H-94: with minReplicas the same acquisition is not one: nobody believes to hold the lock. */
  @Test
  void acquire_thatNoReplicaConfirms_fails() throws Exception {
    LockClient a = clients.over(RedisLocks.at(uri(), CONFIRMED), Clients.options());
    LockHandle held = a.lock("confirmed").acquire(LONG);
    assertThat(replica.cli("EXISTS", "confirmed")).isEqualTo("1");
    replica.pause();
    assertThatThrownBy(() -> a.lock("unconfirmed").tryAcquire())
        .isInstanceOfSatisfying(
            LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
        .hasMessageContaining("0 of the 1 replicas");
    // Renewals count as little: lost in time though the master answers.
    var loss = held.lost().toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(loss.reason()).isEqualTo(LossReason.EXPIRED);
    replica.resume();
    a.lock("confirmed").acquire(LONG).close();
    Await.until(
        "the unconfirmed claim to be taken back",
        LONG,
        () -> master.cli("EXISTS", "unconfirmed").equals("0"));
  }

  /**
   * H-94: whoever asks hears that it was the replicas, also where a quarter of the lease is longer
   * than he waits for the answer.
   */
  @Test
  void claim_thatNoReplicaConfirms_isAnsweredInTime() throws Exception {
    TestClaim claim = TestClaim.of("long lease", AN_HOUR).withPatience(Duration.ofSeconds(1));
    try (TestContext context = new TestContext(Clients.options().build())) {
      LockBackend backend = RedisLocks.at(uri(), CONFIRMED).open(context);
      replica.pause();
      // Asked for before, so that the age of the server does not matter: the grant is repeated.
      assertThat(master.cli("SET", claim.name(), claim.id())).isEqualTo("OK");
      assertThatThrownBy(
              () ->
                  backend
                      .claim(claim)
                      .toCompletableFuture()
                      .get(LONG.toSeconds(), TimeUnit.SECONDS))
          .hasCauseInstanceOf(BackendFailure.class)
          .hasMessageContaining("0 of the 1 replicas");
      end(backend);
    }
  }

  /** A9: replicas that do not confirm a renewal do not hold up the next one. */
  @Test
  void renewal_thatNoReplicaConfirms_isGivenUpInTime() throws Exception {
    TestClaim claim = TestClaim.of("long lease", AN_HOUR).withPatience(Duration.ofSeconds(1));
    try (TestContext context = new TestContext(Clients.options().build())) {
      LockBackend backend = RedisLocks.at(uri(), CONFIRMED).open(context);
      replica.pause();
      assertThat(master.cli("SET", claim.name(), claim.id())).isEqualTo("OK");
      backend.renew(List.of(claim));
      Await.until("WAIT", LONG, () -> blocked().contains("blocked_clients:1"));
      Await.until("its end", LONG, () -> blocked().contains("blocked_clients:0"));
      assertThat(context.renewed).isEmpty();
      replica.resume();
      Await.until(
          "a renewal",
          LONG,
          () -> {
            backend.renew(List.of(claim));
            return context.renewed.containsKey(claim);
          });
      end(backend);
    }
  }

  private String blocked() {
    return master.cli("INFO", "clients");
  }

  private static void end(LockBackend backend) throws Exception {
    var unused = backend.close(LONG).toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** A lock that the queue hands over counts only once the replica has it, too. */
  @Test
  void handOver_withReplicas_isConfirmedFirst() throws Exception {
    LockClient a = clients.over(RedisLocks.at(uri(), CONFIRMED), Clients.options());
    LockClient b = clients.over(RedisLocks.at(uri(), CONFIRMED), Clients.options());
    for (int i = 0; i < 10; i++) {
      LockHandle held = a.lock("handed").acquire(LONG);
      var waiter = b.lock("handed").acquireAsync();
      Await.until(
          "its place", LONG, () -> master.cli("LLEN", "holdfast:queue:{handed}").equals("1"));
      held.close();
      try (LockHandle next = waiter.get(LONG.toSeconds(), TimeUnit.SECONDS)) {
        assertThat(replica.cli("GET", "handed")).isEqualTo(master.cli("GET", "handed"));
        assertThat(next.isHeld()).isTrue();
      }
    }
  }

  /**
   * L3: the master becomes a replica while our connections to it stay open: it answers READONLY,
   * and is left for the one that took its place.
   */
  @Test
  void master_thatBecomesAReplica_isLeft() throws Exception {
    LockClient a =
        clients.over(RedisLocks.at(uri()), Clients.options().lease(Duration.ofSeconds(6)));
    LockHandle held = a.lock("demoted").acquire(LONG);
    assertThat(master.cli("WAIT", "1", "1000")).isEqualTo("1");
    replica.promote();
    proxy.retarget(replica.address()); // for new connections
    master.cli("REPLICAOF", replica.host(), Integer.toString(replica.port()));
    Duration nearlyAll = Duration.ofMillis(4_500);
    Await.until("a renewal needed", LONG, () -> held.remaining().compareTo(nearlyAll) < 0);
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(nearlyAll) > 0);
    a.lock("another").acquire(LONG).close();
    held.close();
    assertThat(replica.cli("EXISTS", "demoted")).isEqualTo("0");
  }
}
