package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.ClaimOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many clients that do the same at the same moment. */
final class Crowd implements AutoCloseable {

  private final List<Node> nodes = new ArrayList<>();
  private final CyclicBarrier barrier;
  private final ExecutorService threads;

  Crowd(Database database, int size) {
    JdbcLockOptions options = database.options().change().poolSize(1).build();
    for (int i = 0; i < size; i++) {
      nodes.add(new Node(JdbcLocks.at(database.url(), options), BackendTests.LONG));
    }
    barrier = new CyclicBarrier(size);
    threads = Executors.newFixedThreadPool(size);
  }

  interface Step {
    ClaimOutcome of(Node node) throws Exception;
  }

  List<ClaimOutcome> all(Step step) throws Exception {
    List<Callable<ClaimOutcome>> tasks = new ArrayList<>();
    for (Node node : nodes) {
      tasks.add(
          () -> {
            barrier.await();
            return step.of(node);
          });
    }
    List<ClaimOutcome> outcomes = new ArrayList<>();
    for (Future<ClaimOutcome> future : threads.invokeAll(tasks)) {
      outcomes.add(future.get());
    }
    return outcomes;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    nodes.forEach(Node::close);
  }
}
