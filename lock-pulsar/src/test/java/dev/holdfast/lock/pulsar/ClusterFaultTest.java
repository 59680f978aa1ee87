package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.server.PulsarCluster;
import dev.holdfast.lock.testkit.server.PulsarServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two brokers, one of which owns the lock's topic until it is frozen or killed. */
class ClusterFaultTest {

  private static final Duration LEASE = Duration.ofSeconds(3);

  /** The owner's session of 6 s, the other broker's opening of the topic, the client's search. */
  private static final Duration FAILOVER = Duration.ofSeconds(50);

  private static PulsarCluster cluster;

  @TempDir private Path folder;
  private Cast cast;

  @BeforeAll
  static void start() {
    cluster = PulsarServer.options().launchCluster(2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void begin() {
    cast = new Cast(folder, LEASE);
    cast.start("a", cluster.serviceUrl() + "/public/default");
    cast.start("b", cluster.serviceUrl() + "/public/default");
    cast.awaitReady();
  }

  @AfterEach
  void end() {
    cast.close();
  }

  @Test
  void ownerFrozen_andBack() throws Exception {
    cast.take("a", "frozen");
    cast.ask("b", "frozen");
    Cast.pass(Duration.ofMillis(500));
    PulsarServer owner = cluster.owner("persistent/public/default/lock-frozen");
    owner.pause();
    cast.awaitLoss("a", "frozen", LEASE.multipliedBy(3));
    cast.awaitGrant("b", "frozen", FAILOVER);
    owner.resume(); // it still takes itself for the owner, for a moment
    Cast.pass(LEASE.multipliedBy(2));
    assertThat(cast.isHeld("b", "frozen")).isTrue();
    cast.ask("a", "frozen");
    cast.release("b", "frozen");
    cast.awaitGrant("a", "frozen", Cast.SOON);
    cast.check("owner of two brokers frozen, and back", 3);
  }

  @Test
  void ownerKilled() throws Exception {
    cast.take("a", "killed");
    cast.ask("b", "killed");
    Cast.pass(Duration.ofMillis(500));
    PulsarServer owner = cluster.owner("persistent/public/default/lock-killed");
    try {
      owner.kill();
      cast.awaitLoss("a", "killed", LEASE.multipliedBy(3));
      cast.awaitGrant("b", "killed", FAILOVER);
      assertThat(cluster.owner("persistent/public/default/lock-killed")).isNotSameAs(owner);
      Cast.pass(LEASE);
      assertThat(cast.isHeld("b", "killed")).isTrue();
      cast.check("owner of two brokers killed", 2);
    } finally {
      owner.start();
    }
  }
}
