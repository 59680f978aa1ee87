package dev.holdfast.lock.testkit.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A breadth-first search: through all states that a {@link Model} can come to, or to the nearest
 * one that breaks a rule. About a million states a second; 20 to 30 bytes each.
 */
public final class Search {

  private static final int NONE = -1;

  private final Model model;
  private long[] states = new long[1 << 16];
  private int[] parents = new int[1 << 16];
  private int found;
  private int[] index = new int[1 << 18];

  private Search(Model model) {
    this.model = model;
    Arrays.fill(index, NONE);
  }

  /**
   * What a search came to.
   *
   * @param states the number of different states that were looked at
   * @param broken the rule that is broken, if one is
   * @param path the shortest way there, step by step; empty if none is broken
   */
  public record Result(int states, Optional<String> broken, List<String> path) {
    /** Copies the path. */
    public Result {
      path = List.copyOf(path);
    }
  }

  /**
   * Looks at all states of {@code model}, nearest first, until one breaks a rule.
   *
   * @param most the number of states that it should never have; from 1
   * @throws IllegalStateException if it has more
   */
  public static Result of(Model model, int most) {
    return new Search(model).run(most);
  }

  private Result run(int most) {
    see(model.start(), NONE);
    for (int at = 0; at < found; at++) {
      String broken = model.broken(states[at]);
      if (broken != null) {
        return new Result(found, Optional.of(broken), path(at));
      }
      if (found > most) {
        throw new IllegalStateException("the model has more than " + most + " states");
      }
      int from = at;
      model.steps(states[at], (what, next) -> see(next, from));
    }
    return new Result(found, Optional.empty(), List.of());
  }

  private void see(long state, int parent) {
    int slot = slot(state);
    if (index[slot] != NONE) {
      return;
    }
    if (found == states.length) {
      grow();
      slot = slot(state);
    }
    index[slot] = found;
    states[found] = state;
    parents[found++] = parent;
  }

  /** Where {@code state} is in the index, or would be. */
  private int slot(long state) {
    long mixed = state * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed ^ (mixed >>> 32)) & (index.length - 1);
    while (index[slot] != NONE && states[index[slot]] != state) {
      slot = (slot + 1) & (index.length - 1);
    }
    return slot;
  }

  private void grow() {
    states = Arrays.copyOf(states, 2 * states.length);
    parents = Arrays.copyOf(parents, states.length);
    index = new int[4 * states.length];
    Arrays.fill(index, NONE);
    for (int i = 0; i < found; i++) {
      index[slot(states[i])] = i;
    }
  }

  private List<String> path(int end) {
    List<String> back = new ArrayList<>();
    for (int at = end; parents[at] != NONE; at = parents[at]) {
      back.add(step(states[parents[at]], states[at]));
    }
    Collections.reverse(back);
    return back;
  }

  private String step(long from, long to) {
    List<String> names = new ArrayList<>();
    model.steps(
        from,
        (what, next) -> {
          if (next == to) {
            names.add(what);
          }
        });
    return names.get(0);
  }
}
