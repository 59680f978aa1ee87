package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockHolder;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One who holds a lock, or waits for it.
 *
 * @param id of its claim
 * @param who its description
 * @param lease for which it is believed to be alive after each sign of life
 * @param token the fencing token; zero while it waits
 * @param sign where its last sign of life stands in the log
 * @param number the number that its client gave that record
 * @param heardAt when this client received that record, by its own ticker; not in the log
 */
record Entry(
    String id, String who, Duration lease, long token, Position sign, long number, long heardAt) {

  boolean holds() {
    return token != 0;
  }

  Entry granted(long granted) {
    return new Entry(id, who, lease, granted, sign, number, heardAt);
  }

  Entry alive(Position at, long byNumber, long now) {
    return new Entry(id, who, lease, token, at, byNumber, now);
  }

  /**
   * How many nanoseconds remain until this client may judge it dead: its sign of life was written
   * before it was received here, so its own lease is over by then.
   */
  long left(long now) {
    return lease.toNanos() - (now - heardAt);
  }

  LockHolder toHolder(long now) {
    if (!holds()) {
      return LockHolder.waiting(who);
    }
    Duration left = Duration.ofNanos(Math.max(0, left(now)));
    return new LockHolder(who, OptionalLong.of(token), Optional.empty(), Optional.of(left));
  }

  /** As it stands in a snapshot. */
  String write() {
    return String.join(
        ",",
        id,
        URLEncoder.encode(who, StandardCharsets.UTF_8),
        Long.toString(lease.toMillis()),
        Long.toString(token),
        sign.toString(),
        Long.toString(number));
  }

  static Entry read(String text, long now) {
    String[] parts = text.split(",", -1);
    return new Entry(
        parts[0],
        URLDecoder.decode(parts[1], StandardCharsets.UTF_8),
        Duration.ofMillis(Long.parseLong(parts[2])),
        Long.parseLong(parts[3]),
        Position.parse(parts[4]),
        Long.parseLong(parts[5]),
        now);
  }
}
