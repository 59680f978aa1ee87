package dev.holdfast.lock.redis;

import io.lettuce.core.cluster.SlotHash;
import java.nio.charset.StandardCharsets;

/**
 * The keys of one lock, all in one slot of a cluster, whatever braces its name holds.
 *
 * <p>The lock itself is the name, verbatim. The others begin with {@value #PREFIX}, their kind and
 * a hash tag that leads to the slot of the name; behind the tag stands the name, if the tag is not
 * the whole of it.
 */
record RedisKeys(String lock, String fence, String queue, String waiters, String record) {

  private static final String PREFIX = "holdfast:";

  private static final int RADIX = 36;

  static RedisKeys of(String name) {
    String end = companion(name);
    return new RedisKeys(
        name,
        PREFIX + "fence:" + end,
        PREFIX + "queue:" + end,
        PREFIX + "waiters:" + end,
        PREFIX + "record:" + end);
  }

  /** What a client's messages come on. */
  static String channel(String clientId) {
    return PREFIX + clientId;
  }

  String[] all() {
    return new String[] {lock, fence, queue, waiters, record};
  }

  /** Those that a renewal of a held lock needs. */
  static String[] held(String name) {
    return new String[] {name, PREFIX + "fence:" + companion(name)};
  }

  static int slot(String name) {
    return SlotHash.getSlot(name.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Refuses a name that would be another lock's companion.
   *
   * @throws IllegalArgumentException if it is one
   */
  static void check(String name) {
    if (name.startsWith(PREFIX)
        && name.matches("(?s)holdfast:(fence|queue|waiters|record):\\{.*")) {
      throw new IllegalArgumentException(
          "a lock's name must not begin with '%s': there are the keys that belong to the lock '%s'"
              .formatted(
                  name.substring(0, name.indexOf('{') + 1), name.substring(name.indexOf('{') + 1)));
    }
  }

  private static String companion(String name) {
    if (name.indexOf('}') < 0) {
      return '{' + name + '}'; // no hash tag of its own: the whole name counts
    }
    int open = name.indexOf('{');
    int close = open < 0 ? -1 : name.indexOf('}', open + 1);
    String tag = close > open + 1 ? name.substring(open + 1, close) : tagOf(slot(name));
    return '{' + tag + '}' + name;
  }

  /** Any tag without braces that leads to this slot: about 16,000 tries, for odd names only. */
  private static String tagOf(int slot) {
    int n = 0;
    while (SlotHash.getSlot(Integer.toString(n, RADIX)) != slot) {
      n++;
    }
    return Integer.toString(n, RADIX);
  }
}
