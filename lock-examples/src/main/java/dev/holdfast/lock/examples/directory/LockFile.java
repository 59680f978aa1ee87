package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.LockHolder;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** What a lock's file says; {@code until} in milliseconds since 1970 by the file system's clock. */
record LockFile(String id, long token, long until, String holder) {

  static final LockFile NONE = new LockFile("", 0, 0, "");

  /** Linux notes times of files in steps of its timer, 10 ms at most: they lag by up to that. */
  private static final long CLOCK_STEP = 20;

  static LockFile parse(String text) {
    String[] words = text.split(" ", 4);
    return new LockFile(words[0], Long.parseLong(words[1]), Long.parseLong(words[2]), words[3]);
  }

  String text() {
    return id + " " + token + " " + until + " " + holder;
  }

  boolean isHeldAt(long now) {
    return now < until + CLOCK_STEP;
  }

  Duration remaining(long now) {
    return Duration.ofMillis(Math.max(0, until - now));
  }

  Optional<LockHolder> holderAt(long now) {
    return Optional.of(this)
        .filter(file -> file.isHeldAt(now))
        .map(
            file ->
                new LockHolder(
                    holder, OptionalLong.of(token), Optional.empty(), Optional.of(remaining(now))));
  }
}
