package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.ZooKeeperEnsemble;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.curator.retry.ExponentialBackoffRetry;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Three servers, and what happens to them: in each case the holder is told before the next one is
 * granted the lock. Prints the margins, in the case of the follower beside those of others.
 */
class EnsembleFaultTest {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SESSION = Duration.ofSeconds(4);
  private static final int CLIENTS = 4;
  private static final int LOCKS = 5;

  private static ZooKeeperEnsemble ensemble;

  @BeforeAll
  static void start() {
    ensemble = Servers.options().set("tickTime", "1000").set("syncLimit", "8").launchEnsemble(3);
  }

  @AfterAll
  static void stop() {
    ensemble.close();
  }

  /** A lock, who has it and when he was told, and who is next. */
  private static final class Case {
    final LockHandle held;
    final AtomicLong toldAt = new AtomicLong();
    final AtomicLong grantedAt = new AtomicLong();
    CompletableFuture<LockHandle> next;

    Case(LockHandle held) {
      this.held = held;
      held.onLost(loss -> toldAt.set(System.nanoTime()));
    }
  }

  /** Several clients at one address, with several locks each, and one elsewhere that waits. */
  private static final class Stage implements AutoCloseable {
    final List<LockClient> holders = new ArrayList<>();
    final List<Case> cases = new ArrayList<>();
    final LockClient waiter;

    Stage(String holdersAt, String waiterAt) throws Exception {
      long run = System.nanoTime();
      for (int i = 0; i < CLIENTS; i++) {
        LockClient client = client(holdersAt);
        holders.add(client);
        for (int j = 0; j < LOCKS; j++) {
          cases.add(new Case(client.lock("fault-" + run + "-" + i + "-" + j).acquire(LONG)));
        }
        pass(SESSION.toMillis() / 40);
      }
      waiter = client(waiterAt);
      for (Case each : cases) {
        each.next = waiter.lock(each.held.lockName()).acquireAsync();
        var unused =
            each.next.thenAccept(
                granted -> {
                  assertThat(each.held.isHeld()).isFalse();
                  each.grantedAt.set(System.nanoTime());
                });
      }
      pass(SESSION.toMillis() / 2 + ThreadLocalRandom.current().nextLong(SESSION.toMillis() / 8));
    }

    private static LockClient client(String at) {
      return LockClient.over(
          ZooKeeperLocks.at("zookeeper://" + at),
          LockClientOptions.builder()
              .lease(SESSION)
              .operationTimeout(Duration.ofSeconds(2))
              .callbackExecutor(Runnable::run)
              .build());
    }

    /** Every holder is told before the next one is granted. */
    void measure(String fault) throws Exception {
      List<Long> margins = new ArrayList<>();
      for (Case each : cases) {
        each.next.get(60, TimeUnit.SECONDS);
        Await.until("the time of the grant", LONG, () -> each.grantedAt.get() != 0);
        Await.until("the notice", LONG, () -> each.toldAt.get() != 0);
        margins.add((each.grantedAt.get() - each.toldAt.get()) / 1_000_000);
      }
      margins.sort(null);
      System.out.printf(
          "[margin] zookeeper ensemble margins: n=%d min=%d ms median=%d ms max=%d ms (%s)%n",
          margins.size(),
          margins.get(0),
          margins.get(margins.size() / 2),
          margins.get(margins.size() - 1),
          fault);
      assertThat(margins).allMatch(margin -> margin > 0);
    }

    @Override
    public void close() {
      holders.forEach(LockClient::close);
      waiter.close();
    }
  }

  private static void pass(long millis) {
    long end = System.nanoTime() + millis * 1_000_000;
    Await.until("some time to pass", LONG, () -> System.nanoTime() - end > 0);
  }

  private static String addressesOfOthers(ZooKeeperServer without) {
    return ensemble.members().stream()
        .filter(member -> member != without)
        .map(ZooKeeperServer::connectString)
        .reduce((a, b) -> a + "," + b)
        .orElseThrow();
  }

  /** The follower that our holder is connected to loses its leader; the waiter is elsewhere. */
  @Test
  void followerCutOff_holderIsToldFirst_othersAreNot() throws Exception {
    ZooKeeperServer follower = ensemble.follower();
    String elsewhere = addressesOfOthers(follower);
    try (Stage stage = new Stage(follower.connectString(), elsewhere);
        PlainOwner plain = new PlainOwner(follower.connectString(), elsewhere);
        CuratorLeaders curator = new CuratorLeaders(follower.connectString(), elsewhere)) {
      ensemble.cutOff(follower);
      stage.measure("follower cut off from its leader, holders connected to it");
      System.out.printf(
          "[margin] zookeeper the same for others: plain client %d ms, Curator's LeaderLatch %d ms"
              + " (negative: two owners at once)%n",
          plain.margin(), curator.margin());
      long plainMargin = plain.margin();
      ensemble.heal(); // or closing would take its whole time
      assertThat(plainMargin).as("the fault is real: a plain client fails").isNegative();
    } finally {
      ensemble.heal();
      ensemble.awaitAll();
    }
  }

  /** A plain client owns an ephemeral node for as long as its server answers that it is there. */
  private static final class PlainOwner implements AutoCloseable {
    final ZooKeeper owner;
    final ZooKeeper other;
    final String path = "/plain-" + System.nanoTime();
    volatile long lastOwned;
    volatile long othersSince;
    volatile boolean ended;
    final Thread asks = new Thread(this::ask, "plain-owner");
    final Thread tries = new Thread(this::tryIt, "plain-waiter");

    PlainOwner(String here, String elsewhere) throws Exception {
      owner = connect(here);
      other = connect(elsewhere);
      owner.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
      asks.start();
      tries.start();
    }

    private static ZooKeeper connect(String servers) throws Exception {
      ZooKeeper zk = new ZooKeeper(servers, (int) SESSION.toMillis(), event -> {});
      Await.until("a connection", LONG, () -> zk.getState().isConnected());
      return zk;
    }

    private void ask() {
      while (!ended) {
        try {
          if (owner.exists(path, false) != null
              && owner.exists(path, false).getEphemeralOwner() == owner.getSessionId()) {
            lastOwned = System.nanoTime();
          }
        } catch (KeeperException e) {
          pass(10);
        } catch (InterruptedException | NullPointerException e) {
          return;
        }
        pass(5);
      }
    }

    private void tryIt() {
      while (!ended && othersSince == 0) {
        try {
          other.create(path, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
          othersSince = System.nanoTime();
        } catch (KeeperException e) {
          pass(5);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    long margin() {
      Await.until("another owner", LONG, () -> othersSince != 0);
      Await.until(
          "the end of the first", LONG, () -> System.nanoTime() - lastOwned > 3_000_000_000L);
      return (othersSince - lastOwned) / 1_000_000;
    }

    @Override
    public void close() throws Exception {
      ended = true;
      asks.join();
      tries.join();
      owner.close();
      other.close();
    }
  }

  /** Two of Curator's latches, by what they say of themselves. */
  private static final class CuratorLeaders implements AutoCloseable {
    final CuratorFramework here;
    final CuratorFramework elsewhere;
    final LeaderLatch first;
    final LeaderLatch second;
    final AtomicLong lastLed = new AtomicLong();
    final AtomicLong othersSince = new AtomicLong();

    CuratorLeaders(String here, String elsewhere) throws Exception {
      String path = "/curator-" + System.nanoTime();
      this.here = framework(here);
      this.elsewhere = framework(elsewhere);
      first = new LeaderLatch(this.here, path);
      second = new LeaderLatch(this.elsewhere, path);
      first.addListener(
          new LeaderLatchListener() {
            @Override
            public void isLeader() {}

            @Override
            public void notLeader() {
              lastLed.compareAndSet(0, System.nanoTime());
            }
          });
      second.addListener(
          new LeaderLatchListener() {
            @Override
            public void isLeader() {
              othersSince.compareAndSet(0, System.nanoTime());
            }

            @Override
            public void notLeader() {}
          });
      first.start();
      Await.until("Curator's leader", LONG, first::hasLeadership);
      second.start();
    }

    private static CuratorFramework framework(String servers) {
      CuratorFramework framework =
          CuratorFrameworkFactory.builder()
              .connectString(servers)
              .sessionTimeoutMs((int) SESSION.toMillis())
              .connectionTimeoutMs((int) SESSION.toMillis())
              .retryPolicy(new ExponentialBackoffRetry(100, 3))
              .build();
      framework.start();
      return framework;
    }

    long margin() {
      Await.until("another leader", LONG, () -> othersSince.get() != 0);
      Await.until("the end of the first", LONG, () -> lastLed.get() != 0);
      return (othersSince.get() - lastLed.get()) / 1_000_000;
    }

    @Override
    public void close() throws Exception {
      first.close();
      second.close();
      here.close();
      elsewhere.close();
    }
  }

  /** A black hole between the holders and all servers. */
  @Test
  void blackHole_holderIsToldFirst() throws Exception {
    try (FaultProxy proxy = FaultProxy.to(ensemble.follower().address());
        Stage stage = new Stage("127.0.0.1:" + proxy.port(), ensemble.connectString())) {
      proxy.blackHole();
      stage.measure("black hole");
      proxy.heal();
    }
  }

  /** Leader killed: sessions live on, for the next leader counts anew. */
  @Test
  void leaderKilled_andFollowedByAnother() throws Exception {
    ZooKeeperServer leader = ensemble.leader();
    String followers = addressesOfOthers(leader);
    try (Stage stage = new Stage(followers, followers)) {
      leader.kill();
      Await.until("another leader", LONG, () -> ensemble.leader() != leader);
      Await.until(
          "renewals again, or losses told",
          LONG,
          () ->
              stage.cases.stream()
                  .allMatch(
                      each -> each.held.remaining().toMillis() > 500 || each.toldAt.get() != 0));
      stage.holders.forEach(LockClient::close); // who was not lost is told now
      stage.measure("leader killed");
    } finally {
      leader.start();
      ensemble.awaitAll();
    }
  }

  /** Leader frozen: the others find a new one; who was connected to it is told. */
  @Test
  void leaderFrozen_holderIsToldFirst() throws Exception {
    ZooKeeperServer leader = ensemble.leader();
    try (Stage stage = new Stage(leader.connectString(), addressesOfOthers(leader))) {
      leader.pause();
      stage.measure("leader frozen, holders connected to it");
      leader.resume();
    } finally {
      leader.resume();
      ensemble.awaitAll();
    }
  }

  /**
   * All restarted at once, for less than the trust: nobody need be told, and nobody else comes in.
   */
  @Test
  void allRestarted_neverTwoOwners() throws Exception {
    try (Stage stage = new Stage(ensemble.connectString(), ensemble.connectString())) {
      List<Thread> restarts = new ArrayList<>();
      for (ZooKeeperServer member : ensemble.members()) {
        Thread restart = new Thread(member::restart);
        restart.start();
        restarts.add(restart);
      }
      for (Thread restart : restarts) {
        restart.join();
      }
      ensemble.awaitAll();
      pass(SESSION.toMillis());
      stage.holders.forEach(LockClient::close);
      stage.measure("all servers restarted");
    }
  }

  /** All away for longer than the session: told in time, and one owner afterwards. */
  @Test
  void allDownForLong_holderIsToldFirst() throws Exception {
    try (Stage stage = new Stage(ensemble.connectString(), ensemble.connectString())) {
      ensemble.members().forEach(ZooKeeperServer::kill);
      Await.until(
          "all to be told", LONG, () -> stage.cases.stream().allMatch(c -> c.toldAt.get() != 0));
      pass(SESSION.toMillis());
      ensemble.members().forEach(ZooKeeperServer::start);
      ensemble.awaitAll();
      stage.measure("all servers down for more than a session");
    }
  }
}
