package dev.holdfast.lock.testkit.history;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A history as a page for a browser: who waited for and held what, when, in which process; faults,
 * losses, margins. One file that needs nothing else, not even a network.
 *
 * <p>Not thread-safe.
 */
public final class HistoryPage {

  private static final String TEMPLATE = "history-page.html";
  private static final String DATA = "/*DATA*/";
  private static final String TITLE = "<!--TITLE-->";

  private final String title;
  private final List<HistoryEvent> events;
  private final HistoryReport report;
  private final List<String[]> facts = new ArrayList<>();

  private HistoryPage(String title, List<HistoryEvent> events, HistoryReport report) {
    this.title = title;
    this.events = events;
    this.report = report;
  }

  /**
   * Prepares a page.
   *
   * @param title its headline
   * @param events of all processes, in any order
   * @param report what {@link HistoryChecker} says of them, perhaps with further findings
   * @return the page, without further facts
   */
  public static HistoryPage of(
      String title, Collection<HistoryEvent> events, HistoryReport report) {
    return new HistoryPage(title, History.merge(events), report);
  }

  /**
   * Adds a figure to the head of the page, beside those that follow from the events.
   *
   * @param label what it is
   * @param value the figure with its unit
   * @return this
   */
  public HistoryPage fact(String label, String value) {
    facts.add(new String[] {label, value});
    return this;
  }

  /**
   * Writes the page.
   *
   * @param file overwritten; its folder must exist
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    Files.writeString(file, html());
  }

  /**
   * The page as text.
   *
   * @return HTML
   */
  public String html() {
    // a "</script>" in a name must not end the script
    String data = new PageData(title, events, report, facts).json().replace("<", "\\u003c");
    return template().replace(TITLE, escape(title)).replace(DATA, data);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }

  private static String template() {
    try (InputStream in =
        Optional.ofNullable(HistoryPage.class.getResourceAsStream(TEMPLATE)).orElseThrow()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
