package dev.holdfast.lock.testkit.history;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * One line of a history.
 *
 * @param nanos when, by {@link System#nanoTime()}, which is one clock for all processes of a host
 *     on Linux
 * @param kind what happened
 * @param process in which process; for KILLED, PAUSED and RESUMED, to which
 * @param client who in that process, such as a client or a thread; one client may hold many locks
 * @param lock the name of the lock; empty where none is meant
 * @param token the fencing token; 0 where there is none
 * @param detail free text, such as the reason of a loss
 */
public record HistoryEvent(
    long nanos,
    EventKind kind,
    String process,
    String client,
    String lock,
    long token,
    String detail) {

  /** By time, the order of a merged history. */
  public static final Comparator<HistoryEvent> BY_TIME =
      // nanoTime may be negative and wrap: only differences mean anything
      (a, b) -> Long.signum(a.nanos - b.nanos);

  private static final int FIELDS = 7;

  /**
   * This event as one line of text.
   *
   * @return seven fields with a blank between them, texts URL-encoded, empty ones as {@code -}
   */
  public String toLine() {
    return String.join(
        " ",
        Long.toString(nanos),
        kind.name(),
        encode(process),
        encode(client),
        encode(lock),
        Long.toString(token),
        encode(detail));
  }

  /**
   * Reads what {@link #toLine} wrote.
   *
   * @param line one line
   * @return the event
   * @throws IllegalArgumentException if the line is none
   */
  public static HistoryEvent parse(String line) {
    String[] fields = line.split(" ", -1);
    if (fields.length != FIELDS) {
      throw new IllegalArgumentException("not a line of a history: " + line);
    }
    return new HistoryEvent(
        Long.parseLong(fields[0]),
        EventKind.valueOf(fields[1]),
        decode(fields[2]),
        decode(fields[3]),
        decode(fields[4]),
        Long.parseLong(fields[5]),
        decode(fields[6]));
  }

  /** Whether both speak of the same hold: same process, client, lock and token. */
  boolean isSameHold(HistoryEvent other) {
    return process.equals(other.process)
        && client.equals(other.client)
        && lock.equals(other.lock)
        && token == other.token;
  }

  /** For people: {@code +1234.567 ms p1/a ACQUIRED 'job' token 5}. */
  String describe(long origin) {
    return "%+13.3f ms  %-16s %-9s%s%s%s"
        .formatted(
            (nanos - origin) / 1e6,
            client.isEmpty() ? process : process + "/" + client,
            kind,
            lock.isEmpty() ? "" : " '" + lock + "'",
            token == 0 ? "" : " token " + token,
            detail.isEmpty() ? "" : "  (" + detail + ")");
  }

  private static String encode(String text) {
    if (text.isEmpty()) {
      return "-";
    }
    String encoded = URLEncoder.encode(text, StandardCharsets.UTF_8);
    return encoded.equals("-") ? "%2D" : encoded;
  }

  private static String decode(String field) {
    return field.equals("-") ? "" : URLDecoder.decode(field, StandardCharsets.UTF_8);
  }
}
