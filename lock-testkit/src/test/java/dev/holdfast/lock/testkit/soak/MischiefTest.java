package dev.holdfast.lock.testkit.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.history.History;
import dev.holdfast.lock.testkit.server.H2Server;
import dev.holdfast.lock.testkit.server.TestServer;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class MischiefTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int LONG = 500;

  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<Call> calls = new CopyOnWriteArrayList<>();

  /** What was asked of the store, and when. */
  private record Call(String method, long at) {}

  private TestServer watched(TestServer store) {
    return (TestServer)
        Proxy.newProxyInstance(
            TestServer.class.getClassLoader(),
            new Class<?>[] {TestServer.class},
            (proxy, method, arguments) -> {
              calls.add(new Call(method.getName(), System.nanoTime()));
              return method.invoke(store, arguments);
            });
  }

  private static PlannedFault fault(FaultKind kind, int millis) {
    return new PlannedFault(Duration.ZERO, kind, 0, 1, Duration.ofMillis(millis));
  }

  private long firstOf(String method, long after) {
    return calls.stream()
        .filter(call -> call.method().equals(method) && call.at() >= after)
        .findFirst()
        .orElseThrow()
        .at();
  }

  /** The plan does not know what else fails just then. */
  @Test
  void faultsOfTheStore_thatOverlap_areEachEndedInTheirTime() throws Exception {
    try (H2Server store = H2Server.launch();
        History history = History.inMemory("faults");
        Mischief mischief =
            new Mischief(
                List.of(),
                Optional.of(watched(store)),
                lock -> Optional.empty(),
                history,
                failures::add)) {
      mischief.plan(fault(FaultKind.PAUSE_STORE, 1), Duration.ZERO);
      mischief.plan(fault(FaultKind.STOP_STORE, LONG), Duration.ZERO);
      mischief.plan(fault(FaultKind.PAUSE_STORE, 1), Duration.ofMillis(1));
      mischief.plan(fault(FaultKind.KILL_STORE, 1), Duration.ofMillis(2));
      Await.until("the end of all", LIMIT, mischief::isOver);
      assertThat(failures).isEmpty();
      assertThat(store.isRunning()).isTrue();
      long stopped = firstOf("stop", Long.MIN_VALUE);
      assertThat(Duration.ofNanos(firstOf("start", stopped) - stopped).toMillis())
          .isGreaterThanOrEqualTo(LONG);
    }
  }
}
