package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What may happen to processes that hold or await a lock. Each story ends with a check of what all
 * of them wrote down: nobody who was awake held together with another, and tokens went up.
 */
class ClientFaultTest {

  private static final Duration LEASE = Duration.ofSeconds(2);

  /** How long a holder is frozen: with 70, longer than whatever Pulsar's client waits for. */
  private static final Duration FREEZE =
      Duration.ofSeconds(Long.getLong("holdfast.pulsar.freeze", 5));

  @TempDir private Path folder;
  private Cast cast;
  private PulsarClient operator;

  @BeforeEach
  void begin() throws Exception {
    operator = PulsarClient.builder().serviceUrl(FaultBroker.SERVER.serviceUrl()).build();
    cast = new Cast(folder, LEASE);
    cast.start("a", FaultBroker.direct());
    cast.start("b", FaultBroker.proxied());
    cast.start("c", FaultBroker.direct());
    cast.awaitReady();
  }

  @AfterEach
  void end() {
    FaultBroker.proxy().heal();
    cast.close();
    var unused = operator.closeAsync(); // which takes two seconds, for nothing
  }

  @Test
  @Timeout(200)
  void holderFrozenForLongerThanItsLease_isToldWhenItWakes_andDisturbsNobody() throws Exception {
    cast.take("a", "woken");
    cast.ask("c", "woken");
    cast.freeze("a");
    cast.awaitGrant("c", "woken", LEASE.multipliedBy(3));
    Cast.pass(FREEZE.minus(LEASE));
    cast.wake("a");
    assertThat(cast.isHeld("a", "woken")).isFalse();
    cast.awaitLoss("a", "woken", Cast.SOON);
    Cast.pass(LEASE); // for whatever it sends late
    assertThat(cast.isHeld("c", "woken")).isTrue();
    cast.release("c", "woken");
    cast.take("a", "woken");
    cast.check("holder frozen for " + FREEZE.toSeconds() + " s", 3);
  }

  /**
   * By nothing but its lease: what waits for a connection to be found dead takes longer each time.
   * That the machine stands still for a moment is no matter of the store, so the best of three
   * counts.
   */
  @Test
  void holderKilled_isFollowedWithinItsLease() throws Exception {
    cast.start("d", FaultBroker.direct());
    cast.awaitReady("d");
    List<Duration> followed = new ArrayList<>();
    for (String holder : List.of("a", "b", "d")) {
      followed.add(killed(holder, "killed-" + holder));
    }
    System.out.printf(
        "[fault] pulsar holder killed, lease %d ms: followed after %s ms%n",
        LEASE.toMillis(), followed.stream().map(Duration::toMillis).toList());
    assertThat(Collections.min(followed)).isLessThan(LEASE.plusMillis(500));
    cast.check("holder killed", 6);
  }

  /** How long after its death the next one has the lock. */
  private Duration killed(String holder, String lock) {
    cast.take(holder, lock);
    cast.ask("c", lock);
    Cast.pass(LEASE.dividedBy(2));
    cast.kill(holder);
    long death = System.nanoTime();
    cast.awaitGrant("c", lock, Cast.SOON);
    return Duration.ofNanos(System.nanoTime() - death);
  }

  /** In a failover subscription the consumer whose name sorts first would become the active one. */
  @Test
  void joinerWhoseNameSortsFirst_waitsLikeAnybodyElse() throws Exception {
    long token = cast.take("c", "sorted");
    cast.ask("a", "sorted");
    Cast.pass(LEASE.multipliedBy(2));
    assertThat(cast.isHeld("c", "sorted")).isTrue();
    assertThat(cast.hasSaid("a", "holds sorted")).isFalse();
    cast.release("c", "sorted");
    assertThat(cast.awaitGrant("a", "sorted", Cast.SOON)).isGreaterThan(token);
    cast.check("joiner whose name sorts first", 2);
  }

  @Test
  void headWaiterFrozen_isPassedBy() throws Exception {
    cast.take("a", "head");
    askInLine("b", "head");
    askInLine("c", "head");
    cast.freeze("b");
    cast.release("a", "head");
    cast.awaitGrant("c", "head", LEASE.multipliedBy(5));
    cast.wake("b");
    Cast.pass(LEASE);
    assertThat(cast.isHeld("c", "head")).isTrue();
    cast.release("c", "head");
    cast.awaitGrant("b", "head", Cast.SOON);
    cast.check("head waiter frozen", 3);
  }

  /**
   * The head waiter has judged that the holder's lease is over, and then stands still before it has
   * acted on it; another does meanwhile, and holds when the first one goes on.
   */
  @Test
  void headWaiterFrozenBetweenJudgingAndTaking_harmsNobody() throws Exception {
    int trials = 0;
    for (int phase : new int[] {-100, 0, 60, 200}) {
      String lock = "judge" + trials++;
      cast.take("a", lock);
      askInLine("b", lock);
      askInLine("c", lock);
      cast.freeze("a");
      Cast.pass(LEASE.plusMillis(phase).minusMillis(300)); // its last renewal is up to 600 ms old
      cast.freeze("b");
      cast.awaitGrant("c", lock, LEASE.multipliedBy(5));
      cast.wake("b");
      cast.wake("a");
      Cast.pass(LEASE);
      assertThat(cast.isHeld("c", lock)).isTrue();
      cast.release("c", lock);
    }
    cast.check("head waiter frozen between judging and taking, " + trials + " times", 2 * trials);
  }

  /**
   * The same, with its words on their way for all that time. Its lease is longer than that of the
   * holder, so that it judges before the one behind it does, whose words it would heed.
   */
  @Test
  void judgementThatArrivesLate_harmsNobody() throws Exception {
    cast.start("slow", FaultBroker.proxied(), LEASE.multipliedBy(2));
    cast.awaitReady("slow");
    cast.take("a", "late");
    askInLine("slow", "late");
    askInLine("c", "late");
    cast.freeze("a");
    FaultBroker.proxy().stall(Direction.CLIENT_TO_SERVER);
    cast.awaitGrant("c", "late", LEASE.multipliedBy(5));
    FaultBroker.proxy().heal();
    cast.wake("a");
    Cast.pass(LEASE);
    assertThat(cast.isHeld("c", "late")).isTrue();
    Await.until("the late judgement", Cast.SOON, () -> sentences("late").size() > 1);
    assertThat(sentences("late"))
        .as("how many were taken out of the line: both by c, one by slow, which came after that")
        .containsSubsequence(2, 1);
    cast.release("c", "late");
    cast.check("judgement that arrives late", 2);
  }

  /** Of how many each EXPIRE in the log of a lock says that they are dead. */
  private List<Integer> sentences(String lock) throws Exception {
    return records(lock).stream()
        .filter(record -> record.kind() == LogRecord.Kind.EXPIRE)
        .map(record -> record.dead().size())
        .toList();
  }

  /** Asks, and waits until it stands in the line: who comes next is behind it. */
  private void askInLine(String name, String lock) {
    cast.ask(name, lock);
    Await.until(
        name + " to stand in the line for " + lock,
        Cast.SOON,
        () ->
            records(lock).stream()
                .anyMatch(
                    record -> record.kind() == LogRecord.Kind.CLAIM && record.who().equals(name)));
  }

  private List<LogRecord> records(String lock) throws Exception {
    List<LogRecord> records = new ArrayList<>();
    try (Reader<byte[]> reader =
        operator
            .newReader()
            .topic("public/default/lock-" + lock)
            .startMessageId(MessageId.earliest)
            .create()) {
      while (reader.hasMessageAvailable()) {
        records.add(LogRecord.parse(reader.readNext().getData()));
      }
    }
    return records;
  }

  @Test
  void listenerThatBlocks_keepsNoOtherLockFromBeingLost() throws Exception {
    cast.take("b", "one");
    cast.take("b", "two");
    cast.take("b", "blocked");
    cast.send("b", "block blocked");
    for (String lock : new String[] {"blocked", "one", "two"}) {
      cast.ask("c", lock);
    }
    FaultBroker.proxy().blackHole();
    for (String lock : new String[] {"blocked", "one", "two"}) {
      cast.awaitLoss("b", lock, Cast.SOON);
      cast.awaitGrant("c", lock, Cast.SOON);
      assertThat(cast.isHeld("b", lock)).isFalse();
    }
    cast.check("listener that blocks, with three locks", 6);
  }
}
