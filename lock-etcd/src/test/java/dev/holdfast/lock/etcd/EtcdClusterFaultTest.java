package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.server.EtcdCluster;
import dev.holdfast.lock.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What may happen to a cluster of three, with etcd's own timeouts: heartbeat 100 ms, election 1 s.
 */
class EtcdClusterFaultTest {

  private EtcdCluster cluster;

  @BeforeEach
  void start() {
    cluster = EtcdCluster.launch(3, EtcdServer.options());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static String uri(List<EtcdServer> servers) {
    return servers.stream()
        .map(server -> server.host() + ":" + server.port())
        .collect(Collectors.joining(",", "etcd://", ""));
  }

  private static List<String> endpoints(List<EtcdServer> servers) {
    return servers.stream().map(EtcdServer::endpoint).toList();
  }

  /** L3: a new leader is there within two seconds. */
  @Test
  void leaderKilled_isNoAlarm() throws Exception {
    Duration lease = Duration.ofSeconds(10);
    String all = uri(cluster.members());
    try (Trial trial = new Trial(all, all, lease);
        JetcdTrial jetcd =
            new JetcdTrial(endpoints(cluster.members()), endpoints(cluster.members()), lease)) {
      EtcdServer leader = cluster.leader();
      leader.kill();
      Trial.pass(lease);
      leader.start();
      trial.allKept("leader killed");
      jetcd.report("leader killed");
    }
  }

  /** L1: whoever may be asked answers, the old leader after its pause too. */
  @Test
  void leaderFrozen_andGoesOn_noticeBeforeGrant() throws Exception {
    Duration lease = Duration.ofSeconds(6);
    String all = uri(cluster.members());
    EtcdServer leader = cluster.leader();
    try (Trial trial = new Trial(all, all, lease);
        Trial tied = new Trial(uri(List.of(leader)), uri(cluster.followers()), lease);
        JetcdTrial jetcd =
            new JetcdTrial(List.of(leader.endpoint()), endpoints(cluster.followers()), lease)) {
      leader.pause();
      Trial.pass(lease.plusSeconds(3));
      leader.resume();
      Trial.pass(lease.plusSeconds(3));
      trial.noticeBeforeGrant("leader frozen for 9 s, clients of all three");
      tied.awaitGrants(Duration.ofSeconds(10));
      tied.noticeBeforeGrant("leader frozen for 9 s, holders at the leader alone");
      jetcd.report("leader frozen for 9 s, holder at the leader alone");
    }
  }

  /** L1: its answers to what it finds in its buffers are those of a leader that is none. */
  @Test
  void leaderFrozen_shorterThanTheLease_noticeBeforeGrant() throws Exception {
    Duration lease = Duration.ofSeconds(6);
    EtcdServer leader = cluster.leader();
    try (Trial tied = new Trial(uri(List.of(leader)), uri(cluster.followers()), lease)) {
      leader.pause();
      Trial.pass(Duration.ofMillis(4_500));
      leader.resume();
      Trial.pass(lease.plusSeconds(3));
      tied.noticeBeforeGrant("leader frozen for 4.5 s, holders at the leader alone");
    }
  }

  /** X1, L3: one of three that is down, or frozen, costs nothing. */
  @Test
  void followerFrozen_isNoAlarm() throws Exception {
    Duration lease = Duration.ofSeconds(8);
    String all = uri(cluster.members());
    EtcdServer follower = cluster.followers().get(0);
    try (Trial trial = new Trial(all, all, lease)) {
      follower.pause();
      Trial.pass(lease.multipliedBy(2));
      follower.resume();
      trial.allKept("follower frozen for 16 s");
      assertThat(trial.lost()).isZero();
    }
  }
}
