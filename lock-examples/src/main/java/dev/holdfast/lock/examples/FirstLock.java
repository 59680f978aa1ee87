package dev.holdfast.lock.examples;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import java.time.Duration;

/**
 * The first example of the README: wait for a lock, hear of its loss, write with its fencing token.
 *
 * <p>{@code mvn -q -DskipTests -pl lock-examples -am compile exec:exec
 * -Dexec.mainClass=dev.holdfast.lock.examples.FirstLock}
 */
public final class FirstLock {

  private FirstLock() {}

  /** The guarded resource: refuses a token that is smaller than one that it has seen. */
  interface ReportStore {
    boolean save(String report, long fencingToken);
  }

  /** Stops when it is told to. */
  interface Report {
    String build() throws InterruptedException;

    void cancel();
  }

  /**
   * Builds and saves a report, if nobody else is at it.
   *
   * @return whether it was saved
   */
  static boolean publish(LockClient locks, Report report, ReportStore store)
      throws InterruptedException {
    try (LockHandle held = locks.lock("nightly-report").acquire(Duration.ofSeconds(10))) {
      held.onLost(loss -> report.cancel()); // before anybody else can have the lock
      String text = report.build();
      held.ensureHeld(); // throws LockLostException
      return store.save(text, held.fencingToken()); // safe even if we are frozen just here
    }
  }

  /**
   * Publishes one report.
   *
   * @param args the URI of a store, by default one in memory
   * @throws InterruptedException if interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    String uri = args.length > 0 ? args[0] : "memory:";
    try (LockClient locks = LockClient.connect(uri)) {
      boolean saved = publish(locks, new Greeting(), FirstLock::print);
      System.out.println(saved ? "saved" : "refused");
    }
  }

  private static boolean print(String report, long fencingToken) {
    System.out.println(report + ", written with fencing token " + fencingToken);
    return true;
  }

  private static final class Greeting implements Report {

    @Override
    public String build() {
      return "good morning";
    }

    @Override
    public void cancel() {
      System.out.println("the lock is lost");
    }
  }
}
