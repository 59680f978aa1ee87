package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The ground that {@link LockContract}, {@link LeaderContract} and {@link MarginContract} stand on:
 * opens the fixture once per class, and looks after every test for what it left behind.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RuleNamer.class)
public abstract class Contract implements ContractTest {

  /** Names are unique over classes too: two may run against one store. */
  private static final AtomicLong NAMES = new AtomicLong(System.nanoTime() % 1_000_000);

  /** Threads of the JVM and of JUnit that come and go as they please. */
  private static final List<String> NOT_OURS =
      List.of(
          "junit-",
          "surefire",
          "ForkJoinPool",
          "CompletableFutureDelayScheduler",
          "Attach Listener",
          "process reaper",
          "Common-Cleaner",
          "Cleaner-",
          "VirtualThread-unblocker",
          "JFR ");

  private final List<TestClient> clients = new CopyOnWriteArrayList<>();
  private Overlaps overlaps = new Overlaps();
  private Set<Thread> threadsBefore = Set.of();
  private OptionalLong residueBefore = OptionalLong.empty();
  private ExecutorService background = Executors.newCachedThreadPool();
  private String name = "";

  @SuppressWarnings("NullAway.Init") // JUnit calls openFixture before everything else
  private LockFixture fixture;

  @SuppressWarnings("NullAway.Init")
  private LockCapabilities capabilities;

  /** For the classes of backends. */
  protected Contract() {}

  /** Opens the fixture: the one method to implement. Called once per class. */
  protected abstract LockFixture openFixture() throws Exception;

  @BeforeAll
  final void prepareFixture() throws Exception {
    fixture = openFixture();
    try (TestClient client = new TestClient(fixture, options().build(), overlaps)) {
      capabilities = client.locks().capabilities();
    }
  }

  @AfterAll
  final void closeFixture() throws Exception {
    fixture.close();
  }

  @BeforeEach
  final void takeBaseline(TestInfo test) throws Exception {
    String method = test.getTestMethod().map(m -> m.getName()).orElse("test");
    name = method + "-" + NAMES.incrementAndGet();
    overlaps = new Overlaps();
    background = Executors.newCachedThreadPool();
    threadsBefore = Thread.getAllStackTraces().keySet();
    residueBefore = fixture.residue();
  }

  @AfterEach
  final void findWhatIsLeft() throws Exception {
    Thread.interrupted(); // a flag that a failed test left must not disturb the clean-up
    background.shutdownNow();
    for (TestClient client : clients) {
      client.heal();
      client.close();
    }
    clients.clear();
    boolean ended = background.awaitTermination(10, TimeUnit.SECONDS);
    assertThat(ended).as("threads that the test started have ended").isTrue();
    assertThat(overlaps.violations()).as("violations seen during the test").isEmpty();
    Duration limit = lease().plusSeconds(5);
    Await.until("threads to end (R3): " + leakedThreads(), limit, () -> leakedThreads().isEmpty());
    if (residueBefore.isPresent()) {
      Await.until(
          "the store to be as it was before the test (R3; residue %s, now %s)"
              .formatted(residueBefore, fixture.residue()),
          limit,
          () -> fixture.residue().getAsLong() <= residueBefore.getAsLong());
    }
  }

  private Set<Thread> leakedThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .filter(thread -> !threadsBefore.contains(thread))
        .filter(thread -> NOT_OURS.stream().noneMatch(thread.getName()::startsWith))
        .filter(thread -> !fixture.isOwnThread(thread))
        .collect(Collectors.toSet());
  }

  @Override
  public final LockFixture fixture() {
    return fixture;
  }

  @Override
  public final LockCapabilities capabilities() {
    return capabilities;
  }

  @Override
  public final Duration lease() {
    return fixture.lease();
  }

  @Override
  public final Duration grace() {
    return Await.scaled(Duration.ofMillis(500));
  }

  @Override
  public final LockClientOptions.Builder options() {
    return LockClientOptions.builder()
        .lease(lease())
        .operationTimeout(patience())
        .pollInterval(Duration.ofMillis(500))
        .closeTimeout(patience().multipliedBy(3));
  }

  @Override
  public final TestClient client() {
    return client(options());
  }

  @Override
  public final TestClient client(LockClientOptions.Builder options) {
    options.description("client-" + (clients.size() + 1));
    TestClient client = new TestClient(fixture, options.build(), overlaps);
    clients.add(client);
    return client;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final String name(String suffix) {
    return name + "-" + suffix;
  }

  @Override
  public final void deleteRecord(String name) throws Exception {
    overlaps.deleted(name);
    fixture.deleteRecord(name);
  }

  @Override
  public final <T> Future<T> start(Callable<T> work) {
    return background.submit(work);
  }

  @Override
  @SuppressWarnings("SystemOut") // ./verify reads these lines
  public final void report(String kind, String text) {
    System.out.println("[" + kind + "] " + capabilities.backend() + " " + text);
  }

  @Override
  public final void requires(boolean present, String rule, String what) {
    if (!present) {
      String reason = "backend " + capabilities.backend() + " lacks " + what + " (" + rule + ")";
      report("skipped", rule + " " + reason);
      Assumptions.abort("skipped: " + reason);
    }
  }
}
