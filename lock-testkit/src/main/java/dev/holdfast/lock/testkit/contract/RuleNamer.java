package dev.holdfast.lock.testkit.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Says with each failure which rule of the contract was broken, in the words of CONTRACT.md, which
 * names the tests of each rule and lies beside this class.
 */
final class RuleNamer implements TestExecutionExceptionHandler {

  private static final Pattern SECTIONS = Pattern.compile("(?m)^(?=\\*\\*[A-Z]\\d\\*\\*)");
  private static final Pattern RULE =
      Pattern.compile("\\*\\*([A-Z]\\d)\\*\\* ([^.;:]*)", Pattern.DOTALL);

  /** Named and described: what the rule says, up to the first stop. */
  record Rule(String number, String text) {}

  /** The rule that the test of this name stands for. */
  static Optional<Rule> of(String test) {
    return SECTIONS
        .splitAsStream(page())
        .filter(section -> section.contains("[" + test + "]"))
        .map(RULE::matcher)
        .filter(Matcher::lookingAt)
        .map(rule -> new Rule(rule.group(1), rule.group(2).replaceAll("\\s+", " ").strip()))
        .findFirst();
  }

  private static String page() {
    try (InputStream in = RuleNamer.class.getResourceAsStream("CONTRACT.md")) {
      return new String(
          Objects.requireNonNull(in, "CONTRACT.md").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    if (failure instanceof TestAbortedException) {
      throw failure;
    }
    Optional<Rule> rule = of(context.getRequiredTestMethod().getName());
    if (rule.isEmpty()) { // a test that a backend has added
      throw failure;
    }
    String number = rule.get().number();
    AssertionError named =
        new AssertionError(
            "%s is broken (\"%s\"): %s".formatted(number, rule.get().text(), failure.getMessage()),
            failure);
    named.setStackTrace(failure.getStackTrace());
    throw named;
  }
}
