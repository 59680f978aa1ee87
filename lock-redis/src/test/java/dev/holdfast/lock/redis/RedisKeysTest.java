package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.cluster.SlotHash;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The names of keys: X2. */
class RedisKeysTest {

  private static final List<String> NAMES =
      List.of(
          "a",
          "a b",
          "{a}",
          "{a}b",
          "b{a}",
          "{}",
          "{}a",
          "a{}",
          "}{",
          "a}",
          "}",
          "{",
          "a{b",
          "{{a}}",
          "{a}{b}",
          "{a",
          "a}b{c}d",
          "}{a}",
          "\u00e4{\u00f6}",
          "\ud83d\udd12",
          "{\ud83d\udd12",
          "}\ud83d\udd12",
          "x".repeat(255),
          "}".repeat(255),
          "{}".repeat(120),
          " ",
          "\n",
          "{ }");

  /** X2: all keys of a lock are in the slot of its name, whatever braces that holds. */
  @Test
  void keys_ofAnyName_areInOneSlot() {
    for (String name : NAMES) {
      assertThat(Stream.of(RedisKeys.of(name).all()).map(SlotHash::getSlot).distinct())
          .as(name)
          .containsExactly(SlotHash.getSlot(name));
    }
  }

  /** X2: the lock's key is its name; the others belong to one lock alone. */
  @Test
  void keys_ofDifferentNames_areDifferent() {
    Set<String> all = new HashSet<>();
    for (String name : NAMES) {
      RedisKeys keys = RedisKeys.of(name);
      assertThat(keys.lock()).isEqualTo(name);
      assertThat(RedisKeys.held(name)).containsExactly(name, keys.fence());
      for (String key : keys.all()) {
        assertThat(all.add(key)).as(key).isTrue();
      }
    }
  }

  /** X2: a name that would be another lock's queue is refused, with that lock's name. */
  @Test
  void name_thatIsAnotherLocksKey_isRefused() {
    for (String key : RedisKeys.of("orders").all()) {
      if (!key.equals("orders")) {
        assertThatThrownBy(() -> RedisKeys.check(key))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("orders");
      }
    }
    List.of("holdfast:queue", "holdfast:other:{a}", "xholdfast:queue:{a}")
        .forEach(RedisKeys::check);
  }
}
