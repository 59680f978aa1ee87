package dev.holdfast.lock.jdbc;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs on another thread what might never return, and leaves it there when the time is up.
 *
 * <p>An interrupt ends the wait as long as nothing was sent to the database. After that it waits
 * for the outcome, which would else be unknown; {@link Gate} is the border.
 *
 * <p>A data source that hangs for ever would collect threads so; beyond {@link #MOST_STRANDED} it
 * is not asked any more until one of them comes back.
 */
final class Hop {

  private static final int MOST_STRANDED = 32;

  private final Executor workers;
  private final AtomicInteger stranded = new AtomicInteger();

  Hop(Executor workers) {
    this.workers = workers;
  }

  /** What runs over there. */
  interface Task<T> {
    T call(Gate gate) throws SQLException, InterruptedException;
  }

  /**
   * Runs {@code task} and waits for it until the deadline.
   *
   * @param what completes the sentence "no answer from ..."
   * @param late gets what the task returns after nobody waits any more
   * @throws InterruptedException if interrupted before the task passed the gate
   */
  <T> T call(Deadline deadline, String what, Task<T> task, Consumer<T> late)
      throws SQLException, InterruptedException {
    if (stranded.get() >= MOST_STRANDED) {
      throw new SQLTimeoutException(
          "%d calls hang in %s already".formatted(MOST_STRANDED, what), "08000");
    }
    Gate gate = new Gate();
    CompletableFuture<T> answer = new CompletableFuture<>();
    try {
      workers.execute(() -> run(task, gate, answer, late));
    } catch (RejectedExecutionException e) {
      throw new SQLException("the client is closed", "08003", e);
    }
    try {
      return await(answer, gate, deadline);
    } catch (ExecutionException e) {
      throw rethrown(e);
    } catch (TimeoutException | InterruptedException e) {
      stranded.incrementAndGet();
      if (!answer.cancel(false)) {
        stranded.decrementAndGet(); // it came at the last moment
        return last(answer, e);
      }
      if (e instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      throw new SQLTimeoutException("no answer from " + what + " in time", "08000", e);
    }
  }

  private <T> void run(Task<T> task, Gate gate, CompletableFuture<T> answer, Consumer<T> late) {
    T value;
    try {
      value = task.call(gate);
    } catch (Throwable e) {
      if (!answer.completeExceptionally(e)) {
        stranded.decrementAndGet();
      }
      return;
    }
    if (!answer.complete(value)) {
      stranded.decrementAndGet();
      late.accept(value);
    }
  }

  private static <T> T await(CompletableFuture<T> answer, Gate gate, Deadline deadline)
      throws ExecutionException, TimeoutException, InterruptedException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return answer.get(Math.max(0, deadline.nanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          gate.leave();
          throw e;
        } catch (InterruptedException e) {
          if (gate.leave()) {
            throw e;
          }
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> T last(CompletableFuture<T> answer, Exception end)
      throws SQLException, InterruptedException {
    if (end instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    try {
      return answer.join();
    } catch (RuntimeException e) {
      throw rethrown(e);
    }
  }

  private static RuntimeException rethrown(Exception wrapper)
      throws SQLException, InterruptedException {
    Throwable cause = wrapper.getCause();
    if (cause instanceof SQLException failure) {
      throw failure;
    }
    if (cause instanceof InterruptedException interrupted) {
      throw interrupted;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(cause);
  }
}
