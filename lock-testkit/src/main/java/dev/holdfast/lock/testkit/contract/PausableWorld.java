package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.spi.ClientEnvironment;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/** Real time and threads for a client, all of which can be stopped, as SIGSTOP stops a process. */
final class PausableWorld implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition resumed = lock.newCondition();
  private boolean paused;

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1) {
        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
          awaitResumed();
        }
      };

  private final ThreadPoolExecutor workers =
      new ThreadPoolExecutor(0, 100, 1, TimeUnit.SECONDS, new SynchronousQueue<>()) {
        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
          awaitResumed();
        }
      };

  ClientEnvironment environment() {
    return new ClientEnvironment(
        System::nanoTime, timer, workers, workers, RandomGenerator.getDefault(), false);
  }

  void pause() {
    set(true);
  }

  void resume() {
    set(false);
  }

  private void set(boolean pause) {
    lock.lock();
    try {
      paused = pause;
      resumed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitResumed() {
    lock.lock();
    try {
      while (paused) {
        resumed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    resume();
    timer.shutdownNow();
    workers.shutdownNow();
  }
}
