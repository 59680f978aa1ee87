package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BagTest {

  private static final class Item extends Bag.Link {
    private final int number;

    Item(int number) {
      this.number = number;
    }

    @Override
    int spread() {
      return number;
    }
  }

  private final Bag<Item> bag = new Bag<>();

  @Test
  void elements_comeAndGo_inOrderOfArrival() {
    assertThat(bag.isEmpty()).isTrue();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      items.add(new Item(-3)); // of one list
      assertThat(bag.add(items.get(i))).isTrue();
    }
    assertThat(bag.remove(items.remove(2))).isTrue();
    assertThat(bag.remove(items.remove(0))).isTrue();
    assertThat(bag.remove(items.remove(2))).isTrue();
    assertThat(bag.elements()).containsExactlyElementsOf(items);
    items.forEach(bag::remove);
    assertThat(bag.isEmpty()).isTrue();
    assertThat(bag.add(items.get(0))).isTrue();
    assertThat(bag.elements()).hasSize(1);
  }

  @Test
  void element_ofAnotherBag_isNeitherTakenNorRemoved() {
    Bag<Item> other = new Bag<>();
    Item item = new Item(7);
    assertThat(bag.remove(item)).isFalse();
    assertThat(bag.add(item)).isTrue();
    assertThat(bag.add(item)).isFalse();
    assertThat(other.add(item)).isFalse();
    assertThat(other.remove(item)).isFalse();
    assertThat(bag.elements()).containsExactly(item);
    assertThat(bag.remove(item)).isTrue();
    assertThat(other.add(item)).isTrue();
    assertThat(bag.isEmpty()).isTrue();
  }

  @Test
  void elements_movedByManyThreads_areInOneBagAtMost() throws Exception {
    Bag<Item> other = new Bag<>();
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      items.add(new Item(i));
    }
    List<Background<Void>> movers = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      Bag<Item> from = thread % 2 == 0 ? bag : other;
      Bag<Item> to = thread % 2 == 0 ? other : bag;
      movers.add(
          Background.start(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  Item item = items.get(i % items.size());
                  if (from.remove(item) || i % 3 == 0) {
                    boolean unused = to.add(item);
                  }
                }
                return null;
              }));
    }
    for (Background<Void> mover : movers) {
      mover.get();
    }
    List<Item> found = new ArrayList<>(bag.elements());
    found.addAll(other.elements());
    assertThat(found).doesNotHaveDuplicates().isNotEmpty();
    assertThat(found).allMatch(item -> item.bag != null);
    for (Item item : found) {
      assertThat(bag.remove(item) || other.remove(item)).isTrue();
    }
    assertThat(bag.isEmpty() && other.isEmpty()).isTrue();
  }
}
