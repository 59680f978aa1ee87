package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContendersTest {

  @Test
  void of_ordersByNumber_whoeverMadeTheNode() {
    Contenders contenders =
        Contenders.of(
            List.of("_c_b-lock-0000000007", "lock-0000000010", "_c_a-lock-0000000003", "record"));
    assertThat(contenders.names())
        .containsExactly("_c_a-lock-0000000003", "_c_b-lock-0000000007", "lock-0000000010");
    assertThat(contenders.disabled()).isFalse();
  }

  /** After 2^31 nodes of one directory the counter goes on with the least negative number. */
  @Test
  void of_ordersNegativeNumbers_behindThePositiveOnesBeforeThem() {
    List<String> order =
        List.of(
            "_c_a-lock-" + Layout.sequence(Integer.MAX_VALUE - 1),
            "_c_z-lock-" + Layout.sequence(Integer.MAX_VALUE),
            "_c_b-lock-" + Layout.sequence(Integer.MIN_VALUE),
            "_c_c-lock-" + Layout.sequence(Integer.MIN_VALUE + 5));
    for (int i = 0; i < order.size(); i++) {
      List<String> turned = new java.util.ArrayList<>(order);
      java.util.Collections.rotate(turned, i);
      assertThat(Contenders.of(turned).names()).isEqualTo(order);
    }
    assertThat(
            Contenders.of(List.of("x-lock-" + Layout.sequence(-5), "y-lock-" + Layout.sequence(0)))
                .names())
        .containsExactly("x-lock--000000005", "y-lock-0000000000");
  }

  @Test
  void of_seesTheSwitch_andPassesByWhatIsNoContender() {
    Contenders contenders =
        Contenders.of(List.of("disabled", "lock-x", "latch-0000000001", "lock-1"));
    assertThat(contenders.names()).isEmpty();
    assertThat(contenders.disabled()).isTrue();
  }

  /** As the server writes them, by Java's own format. */
  @ParameterizedTest
  @ValueSource(ints = {0, 7, 1_234_567_890, Integer.MAX_VALUE, -1, -999_999_999, Integer.MIN_VALUE})
  void sequence_isWrittenAsTheServerDoes(int number) {
    assertThat(Layout.sequence(number)).isEqualTo(String.format(Locale.ENGLISH, "%010d", number));
  }
}
