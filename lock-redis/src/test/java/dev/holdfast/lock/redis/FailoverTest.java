package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisCluster;
import dev.holdfast.lock.testkit.server.RedisSentinels;
import dev.holdfast.lock.testkit.server.RedisServer;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Masters that die and are replaced by Sentinels or by their cluster. */
class FailoverTest {

  private static final Duration LONG = Duration.ofSeconds(40);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  private static LockClientOptions.Builder options() {
    return Clients.options().lease(Duration.ofSeconds(15));
  }

  /**
   * L3: the lock survives its master, for the replica has it; and the next one is served as well.
   */
  private void survives(LockClient a, LockClient b, RedisServer master, Runnable end)
      throws Exception {
    b.lock("elsewhere").acquire(LONG).close(); // knows its servers before one of them is gone
    LockHandle held = a.lock("failover").acquire(LONG);
    assertThat(master.cli("WAIT", "1", "2000")).isEqualTo("1");
    long token = held.fencingToken();
    end.run();
    Duration nearlyAll = Duration.ofSeconds(12);
    Await.until("a renewal needed", LONG, () -> held.remaining().compareTo(nearlyAll) < 0);
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(nearlyAll) > 0);
    assertThat(b.lock("failover").tryAcquire(Duration.ofSeconds(5))).isEmpty();
    held.close();
    try (LockHandle next = b.lock("failover").acquire(LONG)) {
      assertThat(next.fencingToken()).isGreaterThan(token);
    }
  }

  /** By kill -9. */
  @Test
  void sentinels_replaceAMasterThatWasKilled() throws Exception {
    try (RedisSentinels sentinels = RedisSentinels.launch()) {
      RedisServer master = sentinels.master();
      survives(
          clients.over(RedisLocks.at(sentinels.uri()), options()),
          clients.over(RedisLocks.at(sentinels.uri()), options()),
          master,
          master::kill);
    }
  }

  /** By SIGSTOP: no connection breaks, and none must be waited for. */
  @Test
  void sentinels_replaceAMasterThatIsFrozen() throws Exception {
    try (RedisSentinels sentinels = RedisSentinels.launch()) {
      RedisServer master = sentinels.master();
      survives(
          clients.over(RedisLocks.at(sentinels.uri()), options()),
          clients.over(RedisLocks.at(sentinels.uri()), options()),
          master,
          master::pause);
      master.resume();
    }
  }

  /** minReplicas behind Sentinels: what no replica confirms is not held, and all of it heals. */
  @Test
  void sentinels_withMinReplicas_confirmEachStep() throws Exception {
    try (RedisSentinels sentinels = RedisSentinels.launch()) {
      RedisLockOptions confirmed = RedisLockOptions.builder().minReplicas(1).build();
      LockClient a =
          clients.over(
              RedisLocks.at(sentinels.uri(), confirmed),
              Clients.options()
                  .lease(Duration.ofSeconds(4))
                  .operationTimeout(Duration.ofSeconds(4))); // a stall is no missing answer
      RedisServer master = sentinels.master();
      LockHandle held = a.lock("confirmed").acquire(LONG);
      List<RedisServer> replicas =
          sentinels.servers().stream().filter(server -> server != master).toList();
      assertThat(replicas).anyMatch(replica -> replica.cli("EXISTS", "confirmed").equals("1"));
      replicas.forEach(RedisServer::pause);
      assertThatThrownBy(() -> a.lock("unconfirmed").tryAcquire())
          .isInstanceOfSatisfying(
              LockBackendException.class, e -> assertThat(e.isRetryable()).isTrue())
          .hasMessageContaining("replicas");
      assertThat(held.lost().toCompletableFuture().get(LONG.toSeconds(), TimeUnit.SECONDS).reason())
          .isEqualTo(LossReason.EXPIRED);
      replicas.forEach(RedisServer::resume);
      a.lock("confirmed").acquire(LONG).close();
    }
  }

  /** By kill -9; one client of ours, one over the application's RedisClusterClient. */
  @Test
  void cluster_replacesAMasterThatWasKilled() throws Exception {
    try (RedisCluster cluster = RedisCluster.launch()) {
      RedisServer first = cluster.nodes().get(0);
      RedisClusterClient lent =
          RedisClusterClient.create(RedisURI.create(first.host(), first.port()));
      lent.setOptions(
          ClusterClientOptions.builder()
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .enablePeriodicRefresh(Duration.ofSeconds(2))
                      .build())
              .build());
      try {
        RedisServer master = cluster.masterOf("failover");
        survives(
            clients.over(RedisLocks.at(cluster.uri()), options()),
            clients.over(RedisLocks.over(lent), options()),
            master,
            master::kill);
        clients.close();
      } finally {
        lent.shutdown();
      }
    }
  }

  /** By SIGSTOP. */
  @Test
  void cluster_replacesAMasterThatIsFrozen() throws Exception {
    try (RedisCluster cluster = RedisCluster.launch()) {
      RedisServer master = cluster.masterOf("failover");
      survives(
          clients.over(RedisLocks.at(cluster.uri()), options()),
          clients.over(RedisLocks.at(cluster.uri()), options()),
          master,
          master::pause);
      master.resume();
    }
  }
}
