package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.util.Collection;

/** What goes into text columns. */
final class Texts {

  /** The column {@code name}, in code points: 255 of the name and what the prefix has. */
  static final int MAX_NAME = 512;

  private static final int MAX_HOLDER = 255;

  private Texts() {}

  /**
   * Refuses what a text column cannot hold, or holds as something else.
   *
   * @throws IllegalArgumentException if so
   */
  static void check(String what, String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + " must not contain U+0000: no database keeps it");
    }
    for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
      int point = text.codePointAt(i);
      if (Character.MIN_SURROGATE <= point && point <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(what + " has an unpaired surrogate at index " + i);
      }
    }
  }

  /** The description, for people: shortened and cleaned rather than refused. */
  static String holder(Claim claim) {
    String text = claim.description();
    if (text.length() <= MAX_HOLDER && isPlain(text)) {
      return text; // as nearly always
    }
    StringBuilder clean = new StringBuilder(Math.min(text.length(), MAX_HOLDER));
    text.codePoints()
        .map(c -> c == 0 || Character.getType(c) == Character.SURROGATE ? '?' : c)
        .takeWhile(c -> clean.length() + Character.charCount(c) <= MAX_HOLDER)
        .forEachOrdered(clean::appendCodePoint);
    return clean.toString();
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == 0 || text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  static String[] names(Collection<? extends Claim> claims) {
    return claims.stream().map(Claim::name).toArray(String[]::new);
  }

  static String[] ids(Collection<? extends Claim> claims) {
    return claims.stream().map(Claim::id).toArray(String[]::new);
  }

  /** A literal for a statement that somebody copies from a message. */
  static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
