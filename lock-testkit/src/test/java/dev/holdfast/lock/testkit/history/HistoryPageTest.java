package dev.holdfast.lock.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryPageTest {

  private static final Pattern DATA = Pattern.compile("(?s)const D = (\\{.*?\\});\n");

  private static String page(Story story) {
    return HistoryPage.of("A <test>", story.events, story.check()).html();
  }

  /** The data of one field, as it stands in the page. */
  private static String field(String page, String name) {
    Matcher data = DATA.matcher(page);
    assertThat(data.find()).isTrue();
    String start = "\"" + name + "\":";
    return data.group(1)
        .lines()
        .map(line -> line.startsWith("{") ? line.substring(1) : line)
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()).replaceFirst("[,}]$", ""))
        .findFirst()
        .orElseThrow();
  }

  private static Story story() {
    return new Story()
        .add(1_000, EventKind.WAITING, "p1", 0)
        .acquired(1_010, "p1", 1)
        .add(1_020, EventKind.WAITING, "p2", 0)
        .process(1_500, EventKind.FAULT, "p1")
        .lost(2_000, "p1", 1, "EXPIRED")
        .acquired(2_250, "p2", 2)
        .process(3_000, EventKind.HEALED, "p1")
        .process(3_100, EventKind.PAUSED, "p2")
        .process(3_200, EventKind.KILLED, "p2")
        .add(4_000, EventKind.WAITING, "p2", 0)
        .add(5_000, EventKind.NOTE, "p2", 0, "gave up: \"why\"");
  }

  @Test
  void data_holdsWhatHappened() {
    String page = page(story());
    assertThat(field(page, "processes")).isEqualTo("[\"p1\",\"p2\"]");
    assertThat(field(page, "locks")).isEqualTo("[\"job\"]");
    assertThat(field(page, "end")).isEqualTo("4000000");
    assertThat(field(page, "holds"))
        .isEqualTo(
            "[[0,0,10000,1000000,\"1\",\"LOST\",1000000,\"EXPIRED\"],"
                + "[1,0,1250000,2100000,\"2\",\"PAUSED\",-1,\"\"]]");
    assertThat(field(page, "waits"))
        .isEqualTo(
            "[[0,0,0,10000,\"\"],[1,0,20000,1250000,\"\"],"
                + "[1,0,3000000,4000000,\"gave up: \\\"why\\\"\"]]");
    assertThat(field(page, "faults")).isEqualTo("[[0,500000,2000000,\"\"]]");
    assertThat(field(page, "pauses")).isEqualTo("[[1,2100000,2200000,\"\"]]");
    assertThat(field(page, "downs")).isEqualTo("[[1,2200000,3000000,\"\"]]");
    assertThat(field(page, "margins")).isEqualTo("[[250.0,0,0,1000000]]");
    assertThat(field(page, "good")).isEqualTo("true");
  }

  @Test
  void findings_areShown() {
    Story story = new Story().acquired(0, "p1", 1).acquired(20, "p2", 2).lost(23, "p1", 1);
    String page = page(story);
    assertThat(field(page, "good")).isEqualTo("false");
    assertThat(field(page, "findings"))
        .startsWith("[[\"OVERLAP\",\"OVERLAP: ")
        .endsWith(",0,23000]]");
  }

  @Test
  void page_isWholeByItself() {
    String page = page(story());
    assertThat(page).contains("<title>A &lt;test></title>").doesNotContain("/*DATA*/");
    assertThat(page)
        .doesNotContainPattern("(?i)(src|href)\\s*=")
        .doesNotContain("@import", "url(http", "fetch(", "XMLHttp", "://");
  }

  @Test
  void names_cannotBreakOutOfTheData() {
    Story story = new Story();
    String name = "</script><b>\"\\\n\u2028\uD83D\uDE00";
    story.events.add(new HistoryEvent(5, EventKind.ACQUIRED, name, "c", name, 1, ""));
    String page = page(story);
    assertThat(field(page, "locks"))
        .isEqualTo("[\"\\u003c/script>\\u003cb>\\\"\\\\\\u000a\\u2028\\ud83d\\ude00\"]");
    assertThat(page.split("</script>", -1)).hasSize(2);
  }

  @Test
  void historyWithoutEvents_isAPageToo() {
    assertThat(field(page(new Story()), "holds")).isEqualTo("[]");
  }

  @Test
  void hourLongHistory_isWrittenQuickly() {
    Story story = new Story();
    for (int i = 1; i <= 20_000; i++) {
      story.acquired(i * 180L, "p" + i % 4, i).lost(i * 180L + 90, "p" + i % 4, i);
    }
    long start = System.nanoTime();
    assertThat(page(story).length()).isLessThan(5_000_000);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
  }

  /** Only where a browser is there; what the page is made of is tested above in any case. */
  @Test
  void browser_drawsIt(@TempDir Path folder) throws IOException, InterruptedException {
    Path browser =
        Stream.of("/usr/bin/chromium", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    Assumptions.assumeTrue(browser != null, "needs Debian's chromium");
    Path file = folder.resolve("page.html");
    HistoryPage.of("A test", story().events, story().check()).fact("seed", "42").write(file);
    Path dom = folder.resolve("dom.html");
    Process process =
        new ProcessBuilder(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--user-data-dir=" + folder.resolve("profile"),
                "--virtual-time-budget=2000",
                "--dump-dom",
                file.toUri().toString())
            .redirectOutput(dom.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    boolean ended = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();
    Assumptions.assumeTrue(ended && process.exitValue() == 0, "this browser does not run here");
    String drawn = Files.readString(dom);
    assertThat(drawn)
        .contains("no rule was broken", "<dt>seed</dt><dd>42</dd>")
        .contains("smallest 250.0 ms")
        .containsPattern("<text[^>]*>p1</text>")
        .containsPattern("<path d=\"M[^\"]+\" fill=\"var\\(--l0\\)\">");
  }
}
