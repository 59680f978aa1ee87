package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Carries requests and answers of one backend along a line, with the faults that they meet. */
final class Wire {

  private final Faults faults;
  private final BackendContext context;

  /**
   * Whether calls may block, so that they must not run on the timer. Set once, before first use.
   */
  volatile boolean blocking;

  Wire(Faults faults, BackendContext context) {
    this.faults = faults;
    this.context = context;
  }

  void send(Fault fault, Runnable request) {
    if (fault.failure() == null && !fault.loseRequest()) {
      later(fault.requestDelay(), () -> faults.pass(request));
    }
  }

  /** Answers in the store's place, if the fault says so. */
  void failed(Fault fault, CompletableFuture<?> answer) {
    if (fault.failure() != null) {
      answer.completeExceptionally(fault.failure());
    }
  }

  <T> void reply(Fault fault, CompletionStage<T> reply, CompletableFuture<T> answer) {
    var unused = reply.whenComplete((value, failure) -> reply(fault, value, failure, answer));
  }

  <T> void reply(
      Fault fault, @Nullable T value, @Nullable Throwable failure, CompletableFuture<T> answer) {
    if (!fault.loseReply()) {
      later(fault.replyDelay(), () -> faults.pass(() -> complete(answer, value, failure)));
    }
  }

  @SuppressWarnings("NullAway") // a null value is what a stage of Void completes with
  private static <T> void complete(
      CompletableFuture<T> answer, @Nullable T value, @Nullable Throwable failure) {
    if (failure == null) {
      answer.complete(value);
    } else {
      answer.completeExceptionally(failure);
    }
  }

  void later(Duration delay, Runnable step) {
    if (delay.isZero()) {
      step.run();
      return;
    }
    Runnable due = blocking ? () -> context.workers().execute(step) : step;
    try {
      var unused = context.timer().schedule(due, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The client has closed meanwhile: nobody is left to hear of it.
    }
  }

  /** The answer as it is; or, where calls block, once it is there or {@code patience} is over. */
  <T> CompletionStage<T> await(CompletableFuture<T> answer, Duration patience) {
    if (!blocking || answer.isDone()) {
      return answer;
    }
    long deadline = System.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    try {
      while (!answer.isDone()) {
        try {
          var unused = answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // a driver that waits for its socket does not notice either
        } catch (ExecutionException e) {
          return answer;
        } catch (TimeoutException e) {
          answer.completeExceptionally(
              BackendFailure.transientFailure("no answer within " + patience, e));
        }
      }
      return answer;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
