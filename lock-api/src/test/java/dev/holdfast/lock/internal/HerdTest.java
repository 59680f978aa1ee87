package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H-69: no thundering herd, however many wait. In virtual time, so that each number repeats. */
class HerdTest {

  private static final LockCapabilities POLLED = LockCapabilities.of("fake");
  private static final LockCapabilities QUEUED = POLLED.withQueue();

  /** Clients of one store, each with chances of its own. */
  private static List<World> clients(int count, LockCapabilities capabilities) {
    List<World> clients = new ArrayList<>();
    clients.add(World.builder(capabilities).build());
    for (int i = 1; i < count; i++) {
      clients.add(World.builder(capabilities).beside(clients.get(0)).seed(i).build());
    }
    return clients;
  }

  /** Fifty clients that began together ask no more together than chance would have it. */
  @Test
  void polls_ofManyClients_areSpreadByChance() {
    int count = 50;
    long slot = Duration.ofMillis(10).toNanos();
    List<World> clients = clients(count, POLLED);
    World first = clients.get(0);
    first.store.occupy("a");
    Map<Long, Set<World>> slots = new HashMap<>();
    List<CompletableFuture<LockHandle>> keep = new ArrayList<>();
    for (World client : clients) {
      client.backend.onClaim =
          claim -> {
            slots.computeIfAbsent(first.time.now() / slot, s -> new HashSet<>()).add(client);
            return client.backend.answer(claim);
          };
      keep.add(client.lock("a").acquireAsync());
    }
    first.advance(Duration.ofSeconds(10));
    slots.clear();
    first.advance(Duration.ofSeconds(30));
    double asked = slots.values().stream().mapToInt(Set::size).sum();
    double mean = asked / 3_000;
    int most = slots.values().stream().mapToInt(Set::size).max().orElseThrow();
    System.out.printf(
        "[herd] 50 clients poll: %.1f times a second each; of 10 ms, %.2f on average, %d at most%n",
        asked / 30 / count, mean, most);
    assertThat(asked / 30 / count).as("questions per client and second").isBetween(4.0, 10.0);
    assertThat((double) most).as("of 50 in one slot").isLessThan(mean + 6 * Math.sqrt(mean));
    assertThat(keep).noneMatch(CompletableFuture::isDone);
  }

  /** Behind one client's threads the store sees one waiter. */
  @Test
  void polls_ofManyThreadsOfOneClient_areThoseOfOne() {
    assertThat(pollsOf(200)).isEqualTo(pollsOf(1));
  }

  private static int pollsOf(int waiters) {
    World world = World.builder(POLLED).build();
    world.store.occupy("a");
    List<CompletableFuture<LockHandle>> keep = new ArrayList<>();
    for (int i = 0; i < waiters; i++) {
      keep.add(world.lock("a").acquireAsync());
    }
    world.advance(Duration.ofSeconds(20));
    assertThat(keep).noneMatch(CompletableFuture::isDone);
    return world.backend.calls.size();
  }

  /** Where the store queues and wakes, a hand-over is a release, at 20 waiters and at 200. */
  @ParameterizedTest
  @ValueSource(ints = {20, 200})
  void handOver_betweenQueuedClients_isOneOperation(int waiters) throws Exception {
    List<World> clients = clients(waiters + 1, QUEUED);
    LockHandle held = clients.get(0).held("a");
    List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
    for (World client : clients.subList(1, clients.size())) {
      waiting.add(client.lock("a").acquireAsync());
    }
    clients.forEach(client -> client.backend.forget());
    for (CompletableFuture<LockHandle> next : waiting) {
      held.close();
      assertThat(next).as("the next in order").isDone();
      held = next.get();
    }
    held.close();
    int operations = clients.stream().mapToInt(client -> client.backend.calls.size()).sum();
    assertThat(operations).isEqualTo(waiters + 1);
  }

  /** Inside a client it is a release and a claim, sent together. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void handOver_insideAClient_isOneHandOver(boolean queued) throws Exception {
    World world = World.builder(queued ? QUEUED : POLLED).build();
    LockHandle held = world.held("a");
    List<CompletableFuture<LockHandle>> waiting = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      waiting.add(world.lock("a").acquireAsync());
    }
    world.backend.forget();
    for (CompletableFuture<LockHandle> next : waiting) {
      held.close();
      assertThat(next).as("the next in order").isDone();
      held = next.get();
    }
    assertThat(world.backend.calls.stream().filter("handOver a"::equals)).hasSize(200);
    assertThat(world.backend.claimed).hasSize(200);
    assertThat(world.backend.released).hasSize(200);
    held.close();
  }
}
