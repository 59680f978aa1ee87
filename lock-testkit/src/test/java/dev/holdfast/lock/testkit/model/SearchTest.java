package dev.holdfast.lock.testkit.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SearchTest {

  /** Counts up by one or by three, up to {@code most}; {@code bad} is not to be reached. */
  private record Counting(int most, int bad) implements Model {
    @Override
    public long start() {
      return 0;
    }

    @Override
    public void steps(long state, Steps steps) {
      steps.to("one", Math.min(most, state + 1));
      steps.to("three", Math.min(most, state + 3));
    }

    @Override
    public String broken(long state) {
      return state == bad ? "bad" : null;
    }
  }

  @Test
  void search_ofASoundModel_seesEachStateOnce() {
    Search.Result result = Search.of(new Counting(999_999, -1), 1_000_000);
    assertThat(result).isEqualTo(new Search.Result(1_000_000, result.broken(), result.path()));
    assertThat(result.broken()).isEmpty();
    assertThat(result.path()).isEmpty();
  }

  @Test
  void search_ofABrokenModel_tellsTheShortestWay() {
    Search.Result result = Search.of(new Counting(100, 7), 1_000);
    assertThat(result.broken()).contains("bad");
    assertThat(result.path()).hasSize(3).containsOnly("one", "three");
  }

  @Test
  void search_ofAModelThatIsTooLarge_saysSo() {
    assertThatThrownBy(() -> Search.of(new Counting(1_000_000, -1), 1_000))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more than 1000 states");
  }

  @Test
  void field_keepsItsNeighbours() {
    Layout layout = new Layout();
    Field low = layout.field(4);
    Field high = layout.field(1);
    long state = high.set(low.set(0, 4), 1);
    assertThat(low.of(state)).isEqualTo(4);
    assertThat(high.of(low.set(state, 2))).isEqualTo(1);
    assertThatThrownBy(() -> low.set(0, 5)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void layout_thatIsFull_saysSo() {
    Layout layout = new Layout();
    layout.field(Integer.MAX_VALUE);
    layout.field(Integer.MAX_VALUE);
    assertThatThrownBy(() -> layout.field(7)).isInstanceOf(IllegalStateException.class);
  }
}
