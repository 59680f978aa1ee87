package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may happen to the one broker, and to a topic in it. */
class BrokerFaultTest {

  private static final Duration LEASE = Duration.ofSeconds(3);

  /** Longer than a broker takes to come back on a busy machine. */
  private static final Duration LONG_LEASE = Duration.ofSeconds(90);

  @TempDir private Path folder;
  private Cast cast;

  @BeforeEach
  void begin() {
    cast = new Cast(folder, LEASE);
    cast.start("a", FaultBroker.direct());
    cast.start("b", FaultBroker.direct());
  }

  @AfterEach
  void end() {
    FaultBroker.SERVER.resume();
    cast.close();
  }

  /** Each time the broker closes the topic, with its producers and consumers, and opens it anew. */
  @Test
  void topicUnloaded_isNoAlarm_andTheWaiterStillWaits() throws Exception {
    cast.start("patient", FaultBroker.direct(), LONG_LEASE);
    cast.awaitReady();
    long token = cast.take("patient", "unloaded");
    FaultBroker.unload("unloaded");
    Cast.pass(LEASE);
    assertThat(cast.isHeld("patient", "unloaded")).isTrue();
    cast.ask("b", "unloaded");
    Cast.pass(Duration.ofMillis(500));
    FaultBroker.unload("unloaded");
    Cast.pass(LEASE);
    assertThat(cast.isHeld("patient", "unloaded")).isTrue();
    assertThat(cast.hasSaid("patient", "lost")).isFalse();
    cast.release("patient", "unloaded");
    assertThat(cast.awaitGrant("b", "unloaded", Cast.SOON)).isGreaterThan(token);
    FaultBroker.unload("unloaded");
    cast.ask("a", "unloaded");
    Cast.pass(LEASE);
    cast.release("b", "unloaded");
    cast.awaitGrant("a", "unloaded", Cast.SOON);
    cast.check("topic unloaded, without a waiter and with one", 3);
  }

  /** Here a failover subscription has two active consumers, as each of them believes. */
  @Test
  void topicUnloaded_withAFrozenHolder() throws Exception {
    cast.awaitReady();
    cast.take("a", "frozen");
    cast.ask("b", "frozen");
    Cast.pass(Duration.ofMillis(500));
    cast.freeze("a");
    FaultBroker.unload("frozen");
    cast.awaitGrant("b", "frozen", LEASE.multipliedBy(5));
    cast.wake("a");
    cast.awaitLoss("a", "frozen", Cast.SOON);
    Cast.pass(LEASE);
    assertThat(cast.isHeld("b", "frozen")).isTrue();
    cast.release("b", "frozen");
    cast.take("a", "frozen");
    cast.check("topic unloaded under a frozen holder", 3);
  }

  /**
   * Killed and back after some seconds: a short lease is lost and told of, a long one kept; and a
   * holder that slept all the while wakes to a connection that it has to make anew.
   */
  @Test
  void brokerKilled_andRestarted() throws Exception {
    cast.start("patient", FaultBroker.direct(), LONG_LEASE);
    cast.start("sleeper", FaultBroker.direct());
    cast.awaitReady();
    cast.take("patient", "kept");
    cast.take("a", "lost");
    cast.take("sleeper", "slept");
    cast.ask("b", "lost");
    cast.ask("b", "slept");
    Cast.pass(Duration.ofMillis(500));
    cast.freeze("sleeper");
    FaultBroker.SERVER.kill();
    cast.awaitLoss("a", "lost", LEASE.multipliedBy(3));
    FaultBroker.SERVER.start();
    cast.awaitGrant("b", "lost", Cast.SOON);
    cast.awaitGrant("b", "slept", Cast.SOON);
    cast.wake("sleeper");
    cast.awaitLoss("sleeper", "slept", Cast.SOON);
    Cast.pass(LEASE);
    assertThat(cast.isHeld("b", "slept")).isTrue();
    assertThat(cast.isHeld("patient", "kept")).isTrue();
    cast.ask("a", "kept");
    cast.release("patient", "kept");
    cast.awaitGrant("a", "kept", Cast.SOON);
    cast.check("broker killed and restarted", 6);
  }

  /**
   * The waiter's lease outlasts it all: what it is granted counts from a sign of life that it sent
   * before or while the broker stood, and of a short lease next to nothing could be left by then.
   */
  @Test
  void brokerFrozen_holderIsToldBeforeTheNextGrant() throws Exception {
    cast.start("patient", FaultBroker.direct(), LONG_LEASE);
    cast.awaitReady();
    cast.take("a", "stood");
    cast.ask("patient", "stood");
    Cast.pass(Duration.ofMillis(500));
    FaultBroker.SERVER.pause();
    cast.awaitLoss("a", "stood", LEASE.multipliedBy(3));
    FaultBroker.SERVER.resume();
    cast.awaitGrant("patient", "stood", Cast.SOON);
    Cast.pass(LEASE);
    assertThat(cast.isHeld("patient", "stood")).isTrue();
    cast.check("broker frozen", 2);
  }
}
