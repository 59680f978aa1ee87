package dev.holdfast.lock.pulsar;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One record of a lock's log, as plain text that {@code pulsar-client consume} shows: a word, then
 * fields, of which each kind has its own. An operator may write {@code REVOKE}, {@code OFF} and
 * {@code ON} by hand.
 *
 * @param kind what it says
 * @param fields whose values are percent-encoded in the text
 */
record LogRecord(Kind kind, Map<String, String> fields) {

  /** What a record says. What nobody knows is passed over by all. */
  enum Kind {
    /** Wants the lock; takes it if it is free. Also the sign of life of one who asks again. */
    CLAIM,
    /** A sign of life of one who holds or waits. */
    RENEW,
    /** Gives the lock back, or its place in the queue. */
    RELEASE,
    /** Those named have given no sign of life for their leases, as judged by the writer. */
    EXPIRE,
    /** Takes the lock from whoever holds it: by an operator. */
    REVOKE,
    /** Switches the lock off. */
    OFF,
    /** Switches the lock on. */
    ON,
    /** What the holder keeps beside the lock. */
    NOTE,
    /** Somebody else's message. */
    UNKNOWN
  }

  /**
   * Says that a claim has not been heard of since this sign of life.
   *
   * @param id of the claim
   * @param sign the last that the writer knew: with a younger one in the log it is void
   */
  record Dead(String id, Position sign) {}

  static LogRecord of(Kind kind, String id) {
    Map<String, String> fields = new HashMap<>();
    if (!id.isEmpty()) {
      fields.put("id", id);
    }
    return new LogRecord(kind, fields);
  }

  static LogRecord parse(byte[] message) {
    String text = new String(message, StandardCharsets.UTF_8).strip();
    Map<String, String> fields = new HashMap<>();
    try {
      String[] words = text.split(" ", -1);
      Kind kind = Kind.valueOf(words[0]);
      for (int i = 1; i < words.length; i++) {
        int equals = words[i].indexOf('=');
        fields.put(
            words[i].substring(0, equals),
            URLDecoder.decode(words[i].substring(equals + 1), StandardCharsets.UTF_8));
      }
      LogRecord parsed = new LogRecord(kind, fields);
      parsed.check();
      return parsed;
    } catch (RuntimeException e) { // no record of ours: nothing follows from it, for nobody
      return new LogRecord(Kind.UNKNOWN, Map.of());
    }
  }

  /** Reads all that may be malformed, so that it is found now and not half-way. */
  private void check() {
    var unused = List.of(lease(), number(), dead(), base(), snapshot());
  }

  byte[] write() {
    StringBuilder text = new StringBuilder(kind.name());
    fields.forEach(
        (key, value) ->
            text.append(' ')
                .append(key)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  LogRecord with(String key, Object value) {
    fields.put(key, value.toString());
    return this;
  }

  LogRecord withDead(List<Entry> dead) {
    return with("dead", String.join(";", dead.stream().map(e -> e.id() + "," + e.sign()).toList()));
  }

  /**
   * The writer has read the log up to {@code base}, and what follows from it is in the snapshot.
   */
  LogRecord withSnapshot(Position base, String snapshot) {
    return with("base", base).with("snapshot", snapshot);
  }

  /** The last snapshot that the writer has seen was of {@code base}. */
  LogRecord withBase(Position base) {
    return with("base", base);
  }

  String id() {
    return text("id");
  }

  String who() {
    return text("who");
  }

  String note() {
    return text("note");
  }

  boolean queue() {
    return text("queue").equals("true");
  }

  Duration lease() {
    return Duration.ofMillis(number("lease"));
  }

  /** Which of its client's records it is; zero if that did not say. */
  long number() {
    return number("n");
  }

  List<Dead> dead() {
    List<Dead> dead = new ArrayList<>();
    for (String each : text("dead").split(";", -1)) {
      int comma = each.indexOf(',');
      if (comma > 0) {
        dead.add(new Dead(each.substring(0, comma), Position.parse(each.substring(comma + 1))));
      }
    }
    return dead;
  }

  /** From behind which position on the log must be read to understand what follows. */
  Optional<Position> base() {
    return Optional.ofNullable(fields.get("base")).map(Position::parse);
  }

  /** All that follows from the log up to the base. */
  Optional<String> snapshot() {
    return Optional.ofNullable(fields.get("snapshot"));
  }

  private String text(String key) {
    return fields.getOrDefault(key, "");
  }

  private long number(String key) {
    String value = text(key);
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }
}
