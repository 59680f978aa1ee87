package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that may have forgotten locks with its memory. */
class YoungServerTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** A young server grants nothing, says nothing wrong, and then grants. */
  @Test
  void youngServer_grantsWhenItIsOldEnough() throws Exception {
    Duration maxLease = Duration.ofSeconds(8); // it must be young still when it is first asked
    long begun = System.nanoTime();
    try (RedisServer server = RedisServer.options().withoutPersistence().launch()) {
      RedisLockOptions options = RedisLockOptions.builder().maxLease(maxLease).build();
      // The first question of a JVM takes its time: it must be answered, and not be in time.
      LockClient a =
          clients.over(
              RedisLocks.at(server.uri(), options),
              Clients.options().operationTimeout(Duration.ofSeconds(5)));
      assertThat(a.lock("young").tryAcquire()).isEmpty();
      a.lock("young").acquire(LONG).close();
      // No server is older than the time since we began to start it.
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(maxLease);
      Duration tooLong = maxLease.plusMillis(1);
      assertThatThrownBy(() -> a.lock("young", LockOptions.builder().lease(tooLong).build()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("PT8S");
    }
  }

  /**
   * L1: a lease that is longer than the client's own is waited for as well. Its holder cannot hear
   * that the server came back empty.
   */
  @Test
  void lease_longerThanTheClients_isWaitedForToo() throws Exception {
    LockOptions longer = LockOptions.builder().lease(Duration.ofSeconds(7)).build();
    try (RedisServer server = RedisServer.options().withoutPersistence().launch();
        FaultProxy proxy = FaultProxy.to(server.address())) {
      LockClient a = clients.at(server.uri("127.0.0.1", proxy.port()));
      LockClient b = clients.at(server.uri());
      LockClient c = clients.at(server.uri());
      LockHandle held = a.lock("long", longer).acquire(LONG);
      CompletableFuture<Long> told = new CompletableFuture<>();
      held.onLost(loss -> told.complete(System.nanoTime()));
      proxy.cut();
      server.kill();
      server.start();
      CompletableFuture<LockHandle> next = b.lock("long", longer).acquireAsync();
      CompletableFuture<LockHandle> third = c.lock("long", longer).acquireAsync();
      CompletableFuture<Object> first = CompletableFuture.anyOf(next, third);
      var unused = first.get(LONG.toSeconds(), TimeUnit.SECONDS);
      long granted = System.nanoTime();
      long at = told.get(LONG.toSeconds(), TimeUnit.SECONDS);
      System.out.printf("[margin] redis long lease: %d ms%n", (granted - at) / 1_000_000);
      assertThat(granted - at).isPositive();
      assertThat(held.lost().toCompletableFuture().join().reason()).isEqualTo(LossReason.EXPIRED);
      CompletableFuture<LockHandle> second = next.isDone() ? third : next;
      (next.isDone() ? next : third).join().close();
      second.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      proxy.heal();
    }
  }
}
