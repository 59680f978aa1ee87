package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What may happen to one etcd and on the way to it; jetcd's own lock goes through the same. */
class EtcdFaultTest {

  private EtcdServer server;
  private FaultProxy proxy;
  private String direct;
  private String proxied;

  @BeforeEach
  void start() {
    server = EtcdServer.launch();
    proxy = FaultProxy.to(server.address());
    direct = "etcd://127.0.0.1:" + server.port();
    proxied = "etcd://127.0.0.1:" + proxy.port();
  }

  @AfterEach
  void stop() {
    proxy.close();
    server.close();
  }

  private JetcdTrial jetcd(Duration lease) throws Exception {
    return new JetcdTrial(
        List.of("http://127.0.0.1:" + proxy.port()), List.of(server.endpoint()), lease);
  }

  /** Something that happens to locks that are held and awaited. */
  private interface Fault {
    void to(Trial trial) throws Exception;
  }

  private void tried(String fault, String reach, Duration lease, Fault does, Fault verdict)
      throws Exception {
    try (Trial trial = new Trial(reach, direct, lease);
        JetcdTrial jetcd = jetcd(lease)) {
      does.to(trial);
      verdict.to(trial);
      Trial.pass(Duration.ofSeconds(2)); // jetcd may be that late
      jetcd.report(fault);
    }
  }

  /** Nothing is lost by it. */
  private void kept(String fault, String reach, Duration lease, Fault does) throws Exception {
    tried(fault, reach, lease, does, trial -> trial.allKept(fault));
  }

  /** Everything is lost by it, told in time, and granted to the next. */
  private void lost(String fault, String reach, Duration lease, Fault does) throws Exception {
    tried(
        fault,
        reach,
        lease,
        does,
        trial -> {
          trial.awaitGrants(Duration.ofSeconds(20));
          trial.noticeBeforeGrant(fault);
        });
  }

  /** L1, H-17. */
  @Test
  void blackHole_isNoticedBeforeTheNextGrant() throws Exception {
    lost("black hole", proxied, Duration.ofSeconds(4), trial -> proxy.blackHole());
    proxy.heal();
  }

  /** L3, H-16. */
  @Test
  void resetsEvery300Millis_areNoAlarm() throws Exception {
    kept(
        "resets every 300 ms",
        proxied,
        Duration.ofSeconds(4),
        trial -> {
          for (int i = 0; i < 25; i++) {
            proxy.reset();
            Trial.pass(Duration.ofMillis(300));
          }
        });
  }

  /** L3. */
  @Test
  void kill_andRestartWithinTheLease_isNoAlarm() throws Exception {
    Duration lease = Duration.ofSeconds(8);
    kept(
        "kill -9, back after 1 s",
        direct,
        lease,
        trial -> {
          server.kill();
          Trial.pass(Duration.ofSeconds(1));
          server.start();
          Trial.pass(lease);
        });
  }

  /** L1, E2: an etcd that was away gives every lease its whole length anew. */
  @Test
  void kill_andRestartAfterTheLease_isNoticed_andTheNextAreGranted() throws Exception {
    lost(
        "kill -9, back after two leases",
        direct,
        Duration.ofSeconds(3),
        trial -> {
          server.kill();
          Trial.pass(Duration.ofSeconds(6));
          server.start();
        });
  }

  /** L1, L5: the whole server is frozen, then goes on. */
  @Test
  void serverFrozen_isNoticed() throws Exception {
    Duration lease = Duration.ofSeconds(3);
    lost(
        "server frozen",
        direct,
        lease,
        trial -> {
          server.pause();
          Await.until("all losses", Duration.ofSeconds(10), () -> trial.lost() == 20);
          Trial.pass(lease);
          server.resume();
        });
  }
}
