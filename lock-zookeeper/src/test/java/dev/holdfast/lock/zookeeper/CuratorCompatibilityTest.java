package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Our locks beside Curator's, and in the application's own framework. */
class CuratorCompatibilityTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final ZooKeeperServer server = Servers.alone();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private CuratorFramework curator;

  @BeforeEach
  void start() throws Exception {
    curator = framework("");
  }

  private CuratorFramework framework(String namespace) throws Exception {
    CuratorFramework framework =
        CuratorFrameworkFactory.builder()
            .connectString(server.connectString())
            .namespace(namespace)
            .sessionTimeoutMs(10_000)
            .retryPolicy(new ExponentialBackoffRetry(100, 3))
            .build();
    framework.start();
    assertThat(framework.blockUntilConnected(20, TimeUnit.SECONDS)).isTrue();
    return framework;
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    curator.close();
  }

  private LockClient ours() {
    return LockClient.over(
        ZooKeeperLocks.at("zookeeper://" + server.connectString()),
        LockClientOptions.builder().lease(Duration.ofSeconds(10)).description("ours").build());
  }

  /** X1: 500 rounds, two of Curator's and two of ours on one path; never two at once. */
  @Test
  void interProcessMutex_andOurs_excludeEachOther() throws Exception {
    int rounds = 500;
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger left = new AtomicInteger(rounds);
    AtomicInteger byCurator = new AtomicInteger();
    AtomicInteger byUs = new AtomicInteger();
    Runnable work =
        () -> {
          most.accumulateAndGet(inside.incrementAndGet(), Math::max);
          Thread.onSpinWait();
          inside.decrementAndGet();
        };
    try (LockClient one = ours();
        LockClient other = ours()) {
      List<Future<?>> all = new ArrayList<>();
      for (LockClient client : List.of(one, other)) {
        all.add(
            start(
                () -> {
                  while (left.getAndDecrement() > 0) {
                    try (LockHandle held = client.lock("shared").acquire(LONG)) {
                      work.run();
                      held.ensureHeld();
                      byUs.incrementAndGet();
                    }
                  }
                  return null;
                }));
        all.add(
            start(
                () -> {
                  InterProcessMutex mutex =
                      new InterProcessMutex(curator, "/holdfast/locks/shared");
                  while (left.getAndDecrement() > 0) {
                    mutex.acquire();
                    try {
                      work.run();
                      byCurator.incrementAndGet();
                    } finally {
                      mutex.release();
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(90, TimeUnit.SECONDS);
      }
    }
    assertThat(most).hasValue(1);
    assertThat(byUs.get() + byCurator.get()).isEqualTo(rounds);
    assertThat(byUs).hasPositiveValue();
    assertThat(byCurator).hasPositiveValue();
  }

  private <T> Future<T> start(Callable<T> work) {
    return threads.submit(work);
  }

  /** What a person sees with zkCli: {@code ls} and {@code get}. */
  @Test
  void nodes_areWhatAPersonExpects() throws Exception {
    try (LockClient client = ours()) {
      LockHandle held = client.lock("nightly-report").acquire(LONG);
      List<String> nodes = curator.getChildren().forPath("/holdfast/locks/nightly-report");
      assertThat(nodes).hasSize(1);
      assertThat(nodes.get(0)).matches("_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-\\d{10}");
      Stat stat = new Stat();
      String path = "/holdfast/locks/nightly-report/" + nodes.get(0);
      byte[] data = curator.getData().storingStatIn(stat).forPath(path);
      assertThat(new String(data, StandardCharsets.UTF_8)).isEqualTo("ours");
      assertThat(stat.getCzxid()).isEqualTo(held.fencingToken());
      assertThat(stat.getEphemeralOwner()).isNotZero();
      InterProcessMutex mutex = new InterProcessMutex(curator, "/holdfast/locks/nightly-report");
      assertThat(mutex.acquire(300, TimeUnit.MILLISECONDS)).isFalse();
      held.close();
      assertThat(mutex.acquire(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(client.lock("nightly-report").tryAcquire()).isEmpty();
      assertThat(client.lock("nightly-report").holder()).isPresent();
      mutex.release();
    }
  }

  /**
   * R3: the application's framework stays open, nothing of ours stays in it, its namespace counts.
   */
  @Test
  void lentFramework_isUsedInItsNamespace_andLeftAsItWas() throws Exception {
    CuratorFramework lent = framework("app");
    try {
      LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(10)).build();
      try (LockClient client = LockClient.over(ZooKeeperLocks.over(lent), options);
          LockClient outside = ours()) {
        LockHandle held = client.lock("x").acquire(LONG);
        assertThat(curator.getChildren().forPath("/app/holdfast/locks/x")).hasSize(1);
        assertThat(outside.lock("x").tryAcquire()).as("another lock").isPresent();
        CompletableFuture<LockHandle> waiter = client.lock("x").acquireAsync();
        Await.until(
            "the beacon",
            LONG,
            () -> curator.getChildren().forPath("/app/holdfast/clients").size() == 1);
        held.close();
        waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
        LockHandle left = client.lock("y").acquire(LONG);
        assertThat(left.isHeld()).isTrue();
      }
      assertThat(children("/app/holdfast/locks/x")).isEmpty();
      assertThat(children("/app/holdfast/locks/y")).isEmpty();
      Await.until("the end of the beacon", LONG, () -> children("/app/holdfast/clients").isEmpty());
      assertThat(lent.getState().name()).isEqualTo("STARTED");
      assertThat(lent.checkExists().forPath("/")).isNotNull();
    } finally {
      lent.close();
    }
  }

  /** None where the server has just tidied an empty directory away. */
  private List<String> children(String directory) throws Exception {
    try {
      return curator.getChildren().forPath(directory);
    } catch (KeeperException.NoNodeException e) {
      return List.of();
    }
  }

  /** One session, several clients of ours: they exclude each other all the same. */
  @Test
  void clients_ofOneFramework_areClientsOfTheirOwn() throws Exception {
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(10)).build();
    try (LockClient a = LockClient.over(ZooKeeperLocks.over(curator), options);
        LockClient b = LockClient.over(ZooKeeperLocks.over(curator), options)) {
      LockHandle held = a.lock("one-session").acquire(LONG);
      assertThat(b.lock("one-session").tryAcquire()).isEmpty();
      CompletableFuture<LockHandle> next = b.lock("one-session").acquireAsync();
      a.close();
      assertThat(held.isHeld()).isFalse();
      next.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
    }
  }
}
