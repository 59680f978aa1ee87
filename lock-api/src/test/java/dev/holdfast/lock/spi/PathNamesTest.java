package dev.holdfast.lock.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathNamesTest {

  private static final String ODD =
      "aAzZ09._-/\\:{}%~ \t\n\0é€😀\u202e\uFFFF?#[]@!$&'()*+,;=\"<>|^`";

  /** X2: what native tools can show stays readable. */
  @ParameterizedTest
  @ValueSource(strings = {"nightly-report", "a.b_c-D9", "...", ".hidden", "-", "_"})
  void encode_plainName_staysAsItIs(String name) {
    assertThat(PathNames.encode(name, 255)).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({
    "., %2E",
    ".., %2E%2E",
    "a/b, a%2Fb",
    "../x, ..%2Fx",
    "100%, 100%25",
    "%2E, %252E",
    "é, %C3%A9",
    "😀, %F0%9F%98%80",
    "a b, a%20b"
  })
  void encode_oddName_isPercentEncoded(String name, String expected) {
    assertThat(PathNames.encode(name, 255)).isEqualTo(expected);
  }

  /** X2: distinct names are distinct paths, by case and by what is cut off too. */
  @Test
  void encode_distinctNames_staysDistinct() {
    Set<String> names = new HashSet<>(List.of(".", "..", "%2E", "%2E%2E", "a", "A", "a/", "a%2F"));
    Random random = new Random(7);
    int[] points = ODD.codePoints().toArray();
    while (names.size() < 20_000) {
      StringBuilder name = new StringBuilder();
      int length = 1 + random.nextInt(random.nextInt(20) == 0 ? 255 : 4);
      for (int i = 0; i < length; i++) {
        name.appendCodePoint(points[random.nextInt(points.length)]);
      }
      names.add(name.toString());
    }
    for (int limit : new int[] {80, 127, 255}) {
      Set<String> encoded = new HashSet<>();
      names.forEach(name -> encoded.add(PathNames.encode(name, limit)));
      assertThat(encoded).hasSameSizeAs(names);
    }
  }

  /** X2: fits, in characters that no path-like store minds. */
  @Test
  void encode_anyName_isShortPlainAndNoRelativePath() {
    List<String> names = new ArrayList<>(List.of(".", ".."));
    for (int length = 1; length <= 255; length++) {
      names.add("x".repeat(length));
      names.add("/".repeat(length));
      names.add("😀".repeat(length));
    }
    for (String name : names) {
      String encoded = PathNames.encode(name, 100);
      assertThat(encoded).hasSizeBetween(1, 100).matches("[A-Za-z0-9._%~-]+");
      assertThat(encoded).isNotIn(".", "..");
    }
  }

  /** X2: what looks like the short form of a long name is another name. */
  @Test
  void encode_nameThatImitatesAHash_isAnotherPath() {
    String hashed = PathNames.encode("x".repeat(200), 100);
    assertThat(PathNames.encode(hashed, 255)).isNotEqualTo(hashed);
    assertThat(PathNames.encode("x".repeat(200), 100)).isEqualTo(hashed);
    assertThat(PathNames.encode("x".repeat(199) + "y", 100)).isNotEqualTo(hashed);
  }

  @Test
  void encode_limitTooSmallForAHash_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PathNames.encode("a", 79))
        .withMessage("maxLength must be at least 80: 79");
    assertThat(PathNames.encode("a", 80)).isEqualTo("a");
  }
}
