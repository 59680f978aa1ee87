package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** CONTRACT.md and the tests say the same: every rule has its tests, and every test its rule. */
class ContractPageTest {

  /** The rules of the design; a rule that is taken out of the page is missed here. */
  private static final List<String> RULES =
      List.of(
          "X1 X2 X3 L1 L2 L3 L4 L5 F1 F2 W1 W2 W3 W4 W5 R1 R2 R3 E1 E2 S1 S2 S3 P1 P2 P3 P4 P5 P6"
              .split(" "));

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path TESTS =
      Path.of("src/main/java/dev/holdfast/lock/testkit/contract").toAbsolutePath();

  private static final Pattern SECTIONS = Pattern.compile("(?m)^(?=\\*\\*)");
  private static final Pattern RULE = Pattern.compile("\\*\\*([A-Z]\\d)\\*\\*");
  private static final Pattern LINK = Pattern.compile("\\[(\\w+)]\\(([^)]+)\\)");
  private static final Pattern TEST =
      Pattern.compile(
          "/\\*\\*((?:(?!\\*/).)*)\\*/\\s+@Test\\s+(?:default|public) void (\\w+)\\(",
          Pattern.DOTALL);

  @Test
  void everyRule_hasTests_thatCiteIt() throws IOException {
    Map<String, Map<String, Path>> page = page();
    Map<String, String> tests = tests();
    assertThat(page.keySet()).containsAll(RULES);
    for (String rule : RULES) {
      var citing = new TreeSet<String>();
      tests.forEach(
          (test, cited) -> {
            if (cited.equals(rule)) {
              citing.add(test);
            }
          });
      assertThat(citing).as("tests that cite %s", rule).isNotEmpty();
      assertThat(page.get(rule).keySet()).as("links of %s", rule).isEqualTo(citing);
    }
    assertThat(tests.values()).as("rules that tests cite").allMatch(RULES::contains);
  }

  @Test
  void everyLink_leadsToItsTest() throws IOException {
    for (Map<String, Path> links : page().values()) {
      assertThat(links).isNotEmpty();
      for (Map.Entry<String, Path> link : links.entrySet()) {
        assertThat(Files.readString(link.getValue())).contains("void " + link.getKey() + "(");
      }
    }
  }

  @Test
  void everyTest_isNamedBySubjectConditionAndOutcome() throws IOException {
    assertThat(tests().keySet()).allMatch(name -> name.matches("[a-zA-Z]+(_[a-zA-Z0-9]+){1,3}"));
  }

  /** The links of each rule: method to file. */
  private static Map<String, Map<String, Path>> page() throws IOException {
    Map<String, Map<String, Path>> rules = new LinkedHashMap<>();
    String text = Files.readString(ROOT.resolve("CONTRACT.md"));
    for (String section : SECTIONS.splitAsStream(text).toList()) {
      Matcher rule = RULE.matcher(section);
      if (rule.lookingAt()) {
        Map<String, Path> links = new TreeMap<>();
        LINK.matcher(section)
            .results()
            .forEach(link -> links.put(link.group(1), ROOT.resolve(link.group(2))));
        rules.put(rule.group(1), links);
      }
    }
    return rules;
  }

  /** The rule that each test of the contract cites: the first word of its Javadoc. */
  private static Map<String, String> tests() throws IOException {
    Map<String, String> tests = new TreeMap<>();
    try (Stream<Path> files = Files.list(TESTS)) {
      for (Path file : files.collect(Collectors.toList())) {
        String source = Files.readString(file);
        Matcher test = TEST.matcher(source);
        int found = 0;
        while (test.find()) {
          String words = test.group(1).replace("*", "").strip();
          tests.put(test.group(2), words.substring(0, Math.max(0, words.indexOf(':'))));
          found++;
        }
        assertThat(source.split("@Test\\s").length - 1).as("tests in " + file).isEqualTo(found);
      }
    }
    return tests;
  }
}
