package dev.holdfast.lock.testkit.broken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The contract is tested by backends and clients that break it: each must fail in the test of the
 * rule that it breaks. The same tests pass over the healthy store, in the tests of its own.
 */
class BrokenBackendsTest {

  private static final List<Defect> CAUGHT = new ArrayList<>();

  @ParameterizedTest
  @EnumSource
  void contract_overABrokenBackend_fails(Defect defect) {
    BrokenSubjects.defect = defect;
    Results results = new Results();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(defect.subject, defect.test))
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .build();
    LauncherFactory.create().execute(request, results);
    assertThat(results.ran).as("tests of the name " + defect.test).isEqualTo(1);
    assertThat(results.failure).as(defect + " in " + defect.test).isPresent();
    assertThat(results.failure.get())
        .as("the message names the rule")
        .hasMessageContaining(defect.rule);
    CAUGHT.add(defect);
    System.out.printf(
        "[caught] %s: %s, by %s: %s%n",
        defect, defect.rule, defect.test, firstLine(results.failure.get()));
  }

  @AfterAll
  static void printTheScore() {
    System.out.printf("[caught] %d/%d%n", CAUGHT.size(), Defect.values().length);
  }

  /** In ASCII: half a character, where it is cut, is more than Surefire's channel can take. */
  private static String firstLine(Throwable failure) {
    String message = String.valueOf(failure.getMessage()).strip().replaceAll("\\s+", " ");
    message = message.replaceAll("[^\\x20-\\x7e]", "?");
    return message.substring(0, Math.min(message.length(), 200));
  }

  private static final class Results implements TestExecutionListener {
    private int ran;
    private Optional<Throwable> failure = Optional.empty();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        ran++;
        if (result.getStatus() == Status.FAILED) {
          failure = result.getThrowable();
        }
      }
    }
  }
}
