package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.pulsar.LogRecord.Kind;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PulsarAdmin;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Logs that are closed, cut off or given up in the middle of something. */
class LogTroubleTest {

  private static final String NAMESPACE = "public/trouble";
  private static final Duration SOON = Duration.ofSeconds(30);

  private static PulsarClient direct;
  private static PulsarClient proxied;
  private static LockClient engine;
  private static BackendContext context;

  @BeforeAll
  static void open() {
    admin().put("namespaces/" + NAMESPACE, "{}");
    direct = PulsarClients.open(Servers.alone().serviceUrl(), PulsarLockOptions.defaults());
    proxied =
        PulsarClients.open("pulsar://127.0.0.1:" + proxy().port(), PulsarLockOptions.defaults());
    AtomicReference<BackendContext> lent = new AtomicReference<>();
    engine =
        LockClient.over(
            given -> {
              lent.set(given);
              return PulsarLocks.over(direct).open(given);
            });
    context = lent.get();
  }

  @AfterAll
  static void close() {
    proxy().heal();
    engine.close();
    PulsarClients.end(direct);
    PulsarClients.end(proxied);
  }

  private static PulsarAdmin admin() {
    return Servers.alone().admin();
  }

  private static FaultProxy proxy() {
    return Servers.alone().proxies().get(0);
  }

  private static String topic(String name) {
    return "persistent://" + NAMESPACE + "/lock-" + name;
  }

  private static String path(String name) {
    return "persistent/" + NAMESPACE + "/lock-" + name;
  }

  private static Position write(String name) throws Exception {
    LogRecord claim =
        LogRecord.of(Kind.CLAIM, "x")
            .with("lease", 1_000)
            .withSnapshot(Position.START, LockState.empty().write());
    try (Producer<byte[]> producer = direct.newProducer().topic(topic(name)).create()) {
      return Position.of(producer.send(claim.write()));
    }
  }

  /** Follows a log, and keeps how far it has come. */
  private static final class Reading implements LockLog.Follower {

    private volatile Position last = Position.START;

    @Override
    public void read(LockState state, Position at) {
      last = at;
    }

    @Override
    public void next(CatchUp.Received received) {
      last = received.at();
    }
  }

  /** W2: who waits for one that is closed before it has been opened would wait for ever. */
  @Test
  void close_ofALogThatIsBeingOpened_tellsWhoWaitsForIt() throws Exception {
    write("closed");
    LockLog log = new LockLog(direct, topic("closed"), context, new Reading());
    CompletableFuture<Void> opens = log.open();
    log.close(Position.START, false).get(30, TimeUnit.SECONDS);
    assertThatThrownBy(() -> opens.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BackendFailure.class);
  }

  /** L3: the topic has moved, and the connection breaks while the log's end is asked for. */
  @Test
  void connectionThatBreaksWhileTheLogIsReadAnew_losesNothing() throws Exception {
    Reading reading = new Reading();
    write("broken");
    LockLog log = new LockLog(proxied, topic("broken"), context, reading);
    log.open().get(30, TimeUnit.SECONDS);
    admin().put(path("broken") + "/unload", "");
    Await.until("reader and keeper to be back", SOON, () -> consumers("broken") == 2);
    proxy().stall(Direction.CLIENT_TO_SERVER);
    Position written = write("broken"); // in another ledger, so that it asks for the end
    Cast.pass(Duration.ofMillis(500));
    proxy().reset();
    proxy().heal();
    Await.until("the record to be read", SOON, () -> !reading.last.isBefore(written));
    log.close(written, false).get(30, TimeUnit.SECONDS);
  }

  private static long consumers(String name) {
    return Pattern.compile("\"consumerName\"")
        .matcher(admin().get(path(name) + "/stats"))
        .results()
        .count();
  }

  /** R3: what is asked after the close, or in its moment, opens nothing that nobody closes. */
  @Test
  void visit_afterTheClose_opensNothing() throws Exception {
    PulsarLockOptions options = PulsarLockOptions.builder().namespace(NAMESPACE).build();
    Topics topics = new Topics(direct, options, context);
    topics.close().get(30, TimeUnit.SECONDS);
    CompletableFuture<Boolean> looks = topics.visit("late").look(LockState::isBlank);
    assertThatThrownBy(() -> looks.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(BackendFailure.class);
    assertThat(admin().get("persistent/" + NAMESPACE)).doesNotContain("lock-late");
  }

  /** S1: the claim's release came first, and found nothing to release. */
  @Test
  void claimWithdrawnAsItComesIn_keepsNoTopicOpen() throws Exception {
    LockTopic lock = new LockTopic(direct, topic("withdrawn"), context);
    Place place = Place.of(new OneClaim());
    assertThat(lock.enter(place)).isTrue();
    place.withdrawn = true;
    assertThat(lock.claim(place).get(30, TimeUnit.SECONDS))
        .isInstanceOf(ClaimOutcome.Waiting.class);
    Await.until("the topic to be idle", SOON, () -> lock.closeIfIdle(0, 0) != null);
  }

  private static final class OneClaim implements Claim {

    private @Nullable Object attachment;

    @Override
    public String id() {
      return "somebody-1";
    }

    @Override
    public String name() {
      return "withdrawn";
    }

    @Override
    public Duration lease() {
      return Duration.ofSeconds(3);
    }

    @Override
    public String description() {
      return "somebody";
    }

    @Override
    public boolean queue() {
      return true;
    }

    @Override
    public Duration patience() {
      return Duration.ofSeconds(5);
    }

    @Override
    public @Nullable Object attachment() {
      return attachment;
    }

    @Override
    public void attach(@Nullable Object kept) {
      attachment = kept;
    }
  }
}
