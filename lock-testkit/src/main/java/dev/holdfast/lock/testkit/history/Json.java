package dev.holdfast.lock.testkit.history;

import java.util.Collection;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Just enough JSON to write; the testkit has no library for it. */
final class Json {

  private Json() {}

  static String text(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }

  static String array(String... values) {
    return "[" + String.join(",", values) + "]";
  }

  static String array(Stream<String> values) {
    return values.collect(Collectors.joining(",", "[", "]"));
  }

  static String array(Collection<String> values) {
    return array(values.stream());
  }

  /** Of names and values in turns. */
  static String object(String... namesAndValues) {
    StringJoiner out = new StringJoiner(",\n", "{", "}");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      out.add(text(namesAndValues[i]) + ":" + namesAndValues[i + 1]);
    }
    return out.toString();
  }
}
