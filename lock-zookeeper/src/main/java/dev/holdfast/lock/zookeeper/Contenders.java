package dev.holdfast.lock.zookeeper;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The children of a lock's directory that stand in its queue, Curator's among them, in order of
 * their sequence numbers.
 *
 * <p>The numbers are those of a signed counter that runs over after 2^31 nodes of one directory, so
 * they are compared by their difference: all nodes that exist at one time lie close together.
 */
record Contenders(List<String> names, boolean disabled) {

  private static final String MARK = "lock-";
  private static final int DIGITS = 10;

  /** A name and its number. */
  private record Entry(String name, int number) {}

  static Contenders of(List<String> children) {
    List<Entry> entries = new ArrayList<>(children.size());
    boolean disabled = false;
    for (String child : children) {
      Integer number = number(child);
      if (number != null) {
        entries.add(new Entry(child, number));
      }
      disabled |= child.equals(Layout.SWITCH);
    }
    if (!entries.isEmpty()) {
      int origin = entries.get(0).number;
      entries.sort(Comparator.comparingInt(entry -> entry.number - origin));
    }
    return new Contenders(entries.stream().map(Entry::name).toList(), disabled);
  }

  /** The sequence number at the end of {@code name}, or null if it is no contender. */
  static @Nullable Integer number(String name) {
    int mark = name.lastIndexOf(MARK);
    String digits = mark < 0 ? "" : name.substring(mark + MARK.length());
    if (digits.length() < DIGITS) {
      return null;
    }
    try {
      return Integer.valueOf(digits);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  String first() {
    return names.get(0);
  }

  /** The place in the queue, or -1. */
  int place(String name) {
    return names.indexOf(name);
  }

  /** The contender whose name starts so, or null. */
  @Nullable String find(String prefix) {
    for (String name : names) {
      if (name.startsWith(prefix)) {
        return name;
      }
    }
    return null;
  }
}
