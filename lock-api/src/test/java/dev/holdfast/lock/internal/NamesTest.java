package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  /** X2: a name is opaque. */
  @ParameterizedTest
  @ValueSource(strings = {"a", "/", "..", ":", "{}", "%", " ", "\0", "😀", "\uFFFF", "a\nb"})
  void check_oddName_isTaken(String name) {
    assertThat(Names.check(name)).isSameAs(name);
    assertThat(World.polled().lock(name).name()).isEqualTo(name);
  }

  @Test
  void check_longestName_countsCodePoints() {
    assertThat(Names.check("😀".repeat(255))).hasSize(510);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Names.check("😀".repeat(256)))
        .withMessageContaining("at most 255 code points, not 256")
        .withMessageContaining("😀".repeat(40) + "…");
  }

  @Test
  void check_emptyName_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Names.check(""))
        .withMessageContaining("must not be empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\uD83D", "a\uD83D", "\uDE00a", "\uDE00\uD83D"})
  void check_unpairedSurrogate_isRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Names.check(name))
        .withMessageContaining("unpaired surrogate");
  }

  /** X2: what the store cannot represent is refused before any I/O, with the prefix counted in. */
  @Test
  void lock_nameUnfitForTheStore_isRefusedBeforeIo() {
    World world =
        World.builder(dev.holdfast.lock.spi.LockCapabilities.of("fake"))
            .options(options -> options.prefix("un"))
            .build();
    assertThatIllegalArgumentException().isThrownBy(() -> world.lock("fit"));
    assertThat(world.backend.calls).isEmpty();
  }
}
