package dev.holdfast.lock.internal;

/** What holds for a lock's name on every store. */
final class Names {

  private static final int MAX_CODE_POINTS = 255;

  private Names() {}

  static String check(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a lock's name must not be empty");
    }
    int length = name.codePointCount(0, name.length());
    if (length > MAX_CODE_POINTS) {
      throw new IllegalArgumentException(
          "a lock's name must have at most %d code points, not %d: %s…"
              .formatted(
                  MAX_CODE_POINTS, length, name.substring(0, name.offsetByCodePoints(0, 40))));
    }
    if (hasUnpairedSurrogate(name)) {
      throw new IllegalArgumentException(
          "a lock's name must not hold an unpaired surrogate, which no store can keep");
    }
    return name;
  }

  /** A loop, for this is asked with every acquire of an application that keeps no lock objects. */
  private static boolean hasUnpairedSurrogate(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (Character.isSurrogate(name.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(name.codePointAt(i))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }
}
