package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.pulsar.LogRecord.Kind;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PulsarAdmin;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.SubscriptionType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who leaves a lock, and what becomes of its subscription then. */
class KeeperTest {

  private static final String NAMESPACE = "public/leaving";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int CLIENTS = 6;
  private static final int ROUNDS = 5;

  private static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(1);
  private static PulsarClient pulsar;

  @BeforeAll
  static void open() throws Exception {
    admin().put("namespaces/" + NAMESPACE, "{}");
    pulsar = PulsarClients.open(Servers.alone().serviceUrl(), PulsarLockOptions.defaults());
  }

  @AfterAll
  static void close() {
    PulsarClients.end(pulsar);
    TIMER.shutdownNow();
  }

  private static PulsarAdmin admin() {
    return Servers.alone().admin();
  }

  private static String topic(String name) {
    return "persistent://" + NAMESPACE + "/lock-" + name;
  }

  private static Keeper join(String name) throws Exception {
    return Keeper.join(pulsar, topic(name), TIMER).get(20, TimeUnit.SECONDS);
  }

  /** The broker deletes a topic without one. */
  private static boolean hasSubscription(String name) {
    try {
      return admin()
          .get("persistent/" + NAMESPACE + "/lock-" + name + "/subscriptions")
          .contains(Keeper.SUBSCRIPTION);
    } catch (UncheckedIOException e) {
      assertThat(e).hasMessageContaining("404");
      return false;
    }
  }

  private static void leave(Keeper keeper, Position read, boolean blank) throws Exception {
    keeper.leave(read, blank).get(20, TimeUnit.SECONDS);
  }

  /** Writes what its writer left, and tells where that stands. */
  private static Position write(String name, LogRecord record) throws Exception {
    try (Producer<byte[]> producer = pulsar.newProducer().topic(topic(name)).create()) {
      return Position.of(producer.send(record.write()));
    }
  }

  private static LogRecord claim() {
    return LogRecord.of(Kind.CLAIM, "x")
        .with("lease", 1_000)
        .withSnapshot(Position.START, LockState.empty().write());
  }

  private static LogRecord released(Position claimed) {
    LockState held = LockState.empty();
    held.apply(claim(), claimed, 0);
    return LogRecord.of(Kind.RELEASE, "x").withSnapshot(claimed, held.write());
  }

  @Test
  void leave_ofAnEmptyLog_takesTheSubscriptionAlong() throws Exception {
    Keeper keeper = join("empty");
    assertThat(hasSubscription("empty")).isTrue();
    leave(keeper, Position.START, false);
    assertThat(hasSubscription("empty")).isFalse();
  }

  @Test
  void leave_whileAnotherIsThere_keepsIt_andTheOtherTakesItAlong() throws Exception {
    Keeper first = join("two");
    Keeper second = join("two");
    leave(first, Position.START, true);
    assertThat(hasSubscription("two")).isTrue();
    leave(second, Position.START, true);
    assertThat(hasSubscription("two")).isFalse();
  }

  @Test
  void leave_whenSomebodyHoldsTheLock_keepsIt() throws Exception {
    Keeper keeper = join("held");
    Position claimed = write("held", claim());
    leave(keeper, claimed, false);
    assertThat(hasSubscription("held")).isTrue();
  }

  /** The claim came after all that the one who leaves had read. */
  @Test
  void leave_whenSomebodyHasJustTakenTheLock_keepsIt() throws Exception {
    Keeper keeper = join("taken");
    write("taken", claim());
    leave(keeper, Position.START, true);
    assertThat(hasSubscription("taken")).isTrue();
  }

  @Test
  void leave_whenTheLockWasReleasedUnseen_takesItAlong() throws Exception {
    Keeper keeper = join("released");
    Position claimed = write("released", claim());
    write("released", released(claimed));
    leave(keeper, claimed, false);
    assertThat(hasSubscription("released")).isFalse();
  }

  /** S1: nobody releases what was revoked, and the client goes on to live. */
  @Test
  void leave_ofALockThatWasRevoked_takesTheSubscriptionAlong() throws Exception {
    try (LockClient client = LockClient.connect(Servers.alone().serviceUrl() + "/" + NAMESPACE)) {
      LockHandle held = client.lock("revoked").acquire(SOON);
      try (Producer<byte[]> operator = pulsar.newProducer().topic(topic("revoked")).create()) {
        operator.send("REVOKE".getBytes(StandardCharsets.UTF_8));
      }
      Await.until("the loss", SOON, () -> !held.isHeld());
      Await.until("the subscription to go", SOON, () -> !hasSubscription("revoked"));
    }
  }

  @Test
  void clientsThatLeaveAtOnce_leaveNothingBehind() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      for (int i = 0; i < ROUNDS; i++) {
        String name = "at-once-" + i;
        List<LockClient> clients = new ArrayList<>();
        for (int j = 0; j < CLIENTS; j++) {
          LockClient client = LockClient.connect(Servers.alone().serviceUrl() + "/" + NAMESPACE);
          clients.add(client);
          client.lock(name).acquire(SOON).close();
        }
        CyclicBarrier all = new CyclicBarrier(CLIENTS);
        List<Future<?>> closing = new ArrayList<>();
        for (LockClient client : clients) {
          closing.add(
              threads.submit(
                  () -> {
                    all.await();
                    client.close();
                    return null;
                  }));
        }
        for (Future<?> each : closing) {
          each.get(60, TimeUnit.SECONDS);
        }
        Await.until("the subscription to go", SOON, () -> !hasSubscription(name));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Who tidies up has the subscription for itself alone for a moment. */
  @Test
  void clientThatComesWhileAnotherTidiesUp_getsIn() throws Exception {
    for (int i = 0; i < 3 * ROUNDS; i++) {
      String name = "in-and-out-" + i;
      LockClient leaving = LockClient.connect(Servers.alone().serviceUrl() + "/" + NAMESPACE);
      try (LockClient coming = LockClient.connect(Servers.alone().serviceUrl() + "/" + NAMESPACE)) {
        coming.lock("connects").acquire(SOON).close();
        leaving.lock(name).acquire(SOON).close();
        Thread closes = new Thread(leaving::close);
        closes.start();
        try (LockHandle held = coming.lock(name).tryAcquire().orElseThrow()) {
          closes.join();
          assertThat(held.isHeld()).isTrue();
          assertThat(hasSubscription(name)).isTrue();
        }
      }
    }
  }

  /** E2: the one who has it alone is frozen, and goes on when others rely on the topic. */
  @Test
  void clientThatComesWhileOneIsFrozenAsItTidiesUp_getsIn() throws Exception {
    String uri = Servers.alone().serviceUrl() + "/" + NAMESPACE;
    try (Consumer<byte[]> frozen = alone("frozen");
        LockClient coming = LockClient.connect(uri);
        LockClient another = LockClient.connect(uri)) {
      LockHandle held = coming.lock("frozen").acquire(SOON);
      frozen.unsubscribe();
      assertThat(another.lock("frozen").tryAcquire()).isEmpty();
      held.ensureHeld();
      held.close();
      LockHandle next = another.lock("frozen").acquire(SOON);
      assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
      next.close();
    }
    Await.until("the subscriptions to go", SOON, () -> !hasSubscription("frozen"));
  }

  private static Consumer<byte[]> alone(String name) throws Exception {
    return pulsar
        .newConsumer()
        .topic(topic(name))
        .subscriptionName(Keeper.SUBSCRIPTION)
        .subscriptionType(SubscriptionType.Exclusive)
        .subscribe();
  }
}
