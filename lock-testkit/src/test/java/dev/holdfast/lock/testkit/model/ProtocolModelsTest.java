package dev.holdfast.lock.testkit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Every state of a small model of each protocol; and every bug that its authors were afraid of,
 * seeded, is found.
 */
class ProtocolModelsTest {

  private static final int MOST = 10_000_000;

  @Test
  void row() {
    check("row (JDBC, Redis)", new RowModel(), RowModel.Bug.values(), RowModel::new);
  }

  @Test
  void queueWithPushes() {
    check("queue (Redis)", new QueueModel(), QueueModel.Bug.values(), QueueModel::new);
  }

  @Test
  void session() {
    check(
        "session (etcd, ZooKeeper)",
        new SessionModel(),
        SessionModel.Bug.values(),
        SessionModel::new);
  }

  @Test
  void log() {
    check("log (Pulsar)", new LogModel(), LogModel.Bug.values(), LogModel::new);
  }

  private static <B> void check(String name, Model sound, B[] bugs, Function<B, Model> broken) {
    long start = System.nanoTime();
    Search.Result all = Search.of(sound, MOST);
    double seconds = (System.nanoTime() - start) / 1e9;
    assertThat(all.broken()).as("%s, after %s", name, all.path()).isEmpty();
    List<String> found = new ArrayList<>();
    for (B bug : bugs) {
      Search.Result result = Search.of(broken.apply(bug), MOST);
      assertThat(result.broken()).as("%s with %s", name, bug).isPresent();
      found.add(bug + " in " + result.path().size() + " steps");
    }
    System.out.printf(
        "[model] %s: all %d states in %.1f s, no rule broken; %d of %d seeded bugs found: %s%n",
        name, all.states(), seconds, found.size(), bugs.length, String.join(", ", found));
  }
}
