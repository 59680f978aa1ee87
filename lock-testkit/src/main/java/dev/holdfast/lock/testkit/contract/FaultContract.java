package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockCapabilities;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.ServerControl.Power;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The fault contract: what a backend must hold when its network, its servers and its clients fail.
 * Its parts are {@link NetworkFaultContract}, {@link ServerFaultContract} and {@link
 * ClientFaultContract}; each is extended like this, and opens a store of its own:
 *
 * <pre>{@code
 * class MyNetworkFaultTest extends NetworkFaultContract {
 *   @Override
 *   protected ServerControl openControl() {
 *     MyServer server = MyServer.launch();
 *     return ServerControl.of(server, at -> "mystore://" + at.getHostString() + ":" + at.getPort());
 *   }
 * }
 * }</pre>
 *
 * <p>Each fault hits twenty locks of several clients at a random phase of their renewals, while
 * another client waits for all of them; every holder must have been told before the next grant. The
 * margins are printed as lines that {@code ./verify} collects. What a store cannot promise (an
 * exception that CONTRACT.md, L1, declares) is printed as such and skipped, not passed.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(RuleNamer.class)
public abstract class FaultContract {

  /** Tells a store that answers late from one that never will. */
  static final Duration LONG = Duration.ofSeconds(30);

  @SuppressWarnings("NullAway.Init") // JUnit calls prepareControl before everything else
  private ServerControl control;

  @SuppressWarnings("NullAway.Init")
  private LockCapabilities capabilities;

  FaultContract() {}

  /** Opens the store: the one method to implement. Called once per class. */
  protected abstract ServerControl openControl() throws Exception;

  @BeforeAll
  final void prepareControl() throws Exception {
    control = openControl();
    try (FaultPath path = control.path();
        LockClient client = path.connect(options(control.lease()).build())) {
      capabilities = client.capabilities();
      client.lock("fault-warm-up").acquire(LONG.multipliedBy(2)).close();
    }
  }

  @AfterAll
  final void closeControl() throws Exception {
    control.close();
  }

  final ServerControl control() {
    return control;
  }

  final LockCapabilities capabilities() {
    return capabilities;
  }

  /**
   * The margin that the tests' clients give up before their lease ends: at least twice the least
   * one, so that a machine which does not let a JVM run for some 100 ms is not taken for a fault of
   * the library. What the margin hides is found by answers that are later than it.
   */
  static Duration margin(Duration lease) {
    Duration tenth = lease.dividedBy(10);
    Duration least = Duration.ofMillis(400);
    return tenth.compareTo(least) > 0 ? tenth : least;
  }

  /**
   * Options of the tests' clients. Listeners run where they are handed over: what is measured is
   * the engine, not how long a machine under load takes to start twenty threads.
   */
  static LockClientOptions.Builder options(Duration lease) {
    return LockClientOptions.builder()
        .lease(lease)
        .margin(margin(lease))
        .operationTimeout(Duration.ofSeconds(1))
        .pollInterval(Duration.ofMillis(500))
        .closeTimeout(Duration.ofSeconds(2))
        .callbackExecutor(Runnable::run);
  }

  /** Prints a line for {@code ./verify}: {@code [kind] backend text}. */
  @SuppressWarnings("SystemOut") // ./verify reads these lines
  final void report(String kind, String text) {
    System.out.println("[" + kind + "] " + capabilities.backend() + " " + text);
  }

  /** Skips the rest of the test, and says why in a line for {@code ./verify}. */
  final void requires(boolean present, String rule, String what) {
    if (!present) {
      String reason = "backend " + capabilities.backend() + " lacks " + what + " (" + rule + ")";
      report("skipped", rule + " " + reason);
      Assumptions.abort("skipped: " + reason);
    }
  }

  final void requires(Power power, String rule) {
    requires(control.powers().contains(power), rule, "the power " + power + " in its control");
  }

  /** Ends the test as one that has not passed: the store does not promise what it asks for. */
  final void declaredException(String rule, String fault, String outcome) {
    String text = "%s: declared exception of %s: %s".formatted(fault, rule, outcome);
    report("fault", text);
    Assumptions.abort("not passed: " + capabilities.backend() + " " + text);
  }

  /** Lets time pass: only for what must not happen meanwhile. */
  static void pass(Duration duration) {
    ContractTest.pass(duration);
  }

  static Duration scaled(Duration duration) {
    return Await.scaled(duration);
  }
}
