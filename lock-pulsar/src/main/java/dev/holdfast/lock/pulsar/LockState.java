package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.pulsar.LogRecord.Dead;
import dev.holdfast.lock.spi.LockView;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the log of a lock says, up to some record: who holds it and who waits, in order.
 *
 * <p>The whole of the protocol's decisions, and nothing but the log goes into them: whoever has
 * read the same records has the same state, whenever and over whichever broker. Time enters only
 * where a waiter writes that somebody is dead, and that is void if the log holds a younger sign of
 * life of the one that is meant: a judge who was frozen in between harms nobody.
 *
 * <p>Not thread-safe.
 */
final class LockState {

  private final List<Entry> line;
  private boolean enabled;
  private String note;

  private LockState(List<Entry> line, boolean enabled, String note) {
    this.line = new ArrayList<>(line);
    this.enabled = enabled;
    this.note = note;
  }

  /** Of a log without a record. */
  static LockState empty() {
    return new LockState(List.of(), true, "");
  }

  /** That of {@code snapshot}, whose signs of life count as received {@code now}. */
  static LockState read(String snapshot, long now) {
    String[] parts = snapshot.split("\\|", 3);
    List<Entry> line =
        Arrays.stream(parts[2].split(";", -1))
            .filter(each -> !each.isEmpty())
            .map(each -> Entry.read(each, now))
            .toList();
    return new LockState(
        line, parts[0].equals("on"), URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
  }

  String write() {
    return (enabled ? "on" : "off")
        + "|"
        + URLEncoder.encode(note, StandardCharsets.UTF_8)
        + "|"
        + String.join(";", line.stream().map(Entry::write).toList());
  }

  /** The record at {@code at}, which was received {@code now}. */
  void apply(LogRecord record, Position at, long now) {
    switch (record.kind()) {
      case CLAIM -> claim(record, at, now);
      case RENEW -> renew(record, at, now);
      case RELEASE -> remove(record.id());
      case EXPIRE -> record.dead().forEach(this::expire);
      case REVOKE -> holder().ifPresent(holder -> remove(holder.id()));
      case OFF -> {
        enabled = false;
        line.removeIf(entry -> !entry.holds());
      }
      case ON -> enabled = true;
      case NOTE -> {
        if (isHeldBy(record.id())) {
          note = record.note();
        }
      }
      case UNKNOWN -> {}
    }
    promote(at);
  }

  private void claim(LogRecord record, Position at, long now) {
    if (find(record.id()).isPresent()) {
      renew(record, at, now);
    } else if (enabled && (line.isEmpty() || record.queue())) {
      line.add(new Entry(record.id(), record.who(), record.lease(), 0, at, record.number(), now));
    }
  }

  private void renew(LogRecord record, Position at, long now) {
    line.replaceAll(
        entry -> entry.id().equals(record.id()) ? entry.alive(at, record.number(), now) : entry);
  }

  private void expire(Dead dead) {
    line.removeIf(entry -> entry.id().equals(dead.id()) && entry.sign().equals(dead.sign()));
  }

  private void remove(String id) {
    line.removeIf(entry -> entry.id().equals(id));
  }

  /** The first in the line has the lock, since the record that made it the first. */
  private void promote(Position at) {
    if (!line.isEmpty() && !line.get(0).holds()) {
      line.set(0, line.get(0).granted(at.token()));
    }
  }

  /** What was heard before is not heard anew, though it was read anew. */
  void rememberFrom(LockState before) {
    Map<Position, Entry> known = new HashMap<>();
    before.line.forEach(entry -> known.put(entry.sign(), entry));
    line.replaceAll(
        entry -> {
          Entry old = known.get(entry.sign());
          return old == null || !old.id().equals(entry.id())
              ? entry
              : entry.alive(entry.sign(), entry.number(), old.heardAt());
        });
  }

  Optional<Entry> find(String id) {
    return line.stream().filter(entry -> entry.id().equals(id)).findFirst();
  }

  boolean isHeldBy(String id) {
    return !line.isEmpty() && line.get(0).id().equals(id);
  }

  Optional<Entry> holder() {
    return line.stream().findFirst();
  }

  /** All in order, the holder first. */
  List<Entry> line() {
    return List.copyOf(line);
  }

  /** Those who come before {@code id}; all if it is not there. */
  List<Entry> ahead(String id) {
    List<Entry> ahead = new ArrayList<>();
    for (Entry entry : line) {
      if (entry.id().equals(id)) {
        break;
      }
      ahead.add(entry);
    }
    return ahead;
  }

  /** As people see it. */
  LockView view(long now) {
    List<LockHolder> all = line.stream().map(entry -> entry.toHolder(now)).toList();
    return new LockView(all.stream().findFirst(), all.stream().skip(1).toList(), enabled);
  }

  boolean isEnabled() {
    return enabled;
  }

  String note() {
    return note;
  }

  /** Whether the log may be thrown away. */
  boolean isBlank() {
    return line.isEmpty() && enabled && note.isEmpty();
  }
}
