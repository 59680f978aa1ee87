package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import java.util.ArrayList;
import java.util.List;

/** Claims as one argument, JSON, for databases that have no arrays. */
final class ClaimList {

  /** In characters: their bytes stay below 16 MB, the most that MariaDB takes by default. */
  private static final int PORTION = 4_000_000;

  private ClaimList() {}

  /** {@code [["name","claim id"],...]}. */
  static String json(List<? extends Claim> claims) {
    StringBuilder json = new StringBuilder(claims.size() * 64).append('[');
    for (Claim claim : claims) {
      separate(json).append('[');
      append(json, claim.name()).append(',');
      append(json, claim.id()).append(']');
    }
    return json.append(']').toString();
  }

  /** {@code ["text",...]}. */
  static String jsonOf(List<String> texts) {
    StringBuilder json = new StringBuilder().append('[');
    texts.forEach(text -> append(separate(json), text));
    return json.append(']').toString();
  }

  /** All claims, in lists that one statement can take. */
  static List<List<? extends Claim>> portions(List<? extends Claim> claims) {
    List<List<? extends Claim>> portions = new ArrayList<>();
    int from = 0;
    int length = 0;
    for (int i = 0; i < claims.size(); i++) {
      length += claims.get(i).name().length() + claims.get(i).id().length();
      if (length > PORTION || i == claims.size() - 1) {
        portions.add(claims.subList(from, i + 1));
        from = i + 1;
        length = 0;
      }
    }
    return portions;
  }

  private static StringBuilder separate(StringBuilder json) {
    return json.charAt(json.length() - 1) == '[' ? json : json.append(',');
  }

  private static StringBuilder append(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u%04x".formatted((int) c));
      } else {
        json.append(c);
      }
    }
    return json.append('"');
  }
}
