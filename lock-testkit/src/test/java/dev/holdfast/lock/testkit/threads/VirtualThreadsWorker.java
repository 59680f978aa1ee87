package dev.holdfast.lock.testkit.threads;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.ReentrantDistributedLock;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.process.WorkerIo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.consumer.RecordingStream;

/** Uses locks on virtual threads, and says whether a carrier was pinned for 20 ms. */
final class VirtualThreadsWorker {

  private static final int THREADS = 10_000;
  private static final int NAMES = 100;
  private static final int WARM_UP = 1_000;

  private final AtomicIntegerArray inside = new AtomicIntegerArray(NAMES);
  private final AtomicInteger overlaps = new AtomicInteger();
  private final AtomicInteger pairs = new AtomicInteger();

  private VirtualThreadsWorker() {}

  /** Says one line when it is done. */
  public static void main(String[] args) throws Exception {
    WorkerIo io = WorkerIo.open();
    if (!args[0].equals("pin")) {
      warmUp(args[0]);
    }
    AtomicInteger pinned = new AtomicInteger();
    var worker = new VirtualThreadsWorker();
    long start = System.nanoTime();
    try (RecordingStream events = new RecordingStream()) {
      events.enable("jdk.VirtualThreadPinned").withThreshold(Duration.ofMillis(20));
      events.onEvent(
          "jdk.VirtualThreadPinned",
          event -> {
            pinned.incrementAndGet();
            System.err.println(event);
          });
      events.startAsync();
      worker.run(args[0], VirtualThreads.executor(), THREADS);
      RecordingStream.class.getMethod("stop").invoke(events); // what was recorded is delivered
    }
    io.say(
        "done pairs=%d overlaps=%d pinned=%d in %d ms on Java %s"
            .formatted(
                worker.pairs.get(),
                worker.overlaps.get(),
                pinned.get(),
                (System.nanoTime() - start) / 1_000_000,
                Runtime.version()));
    Thread.currentThread().join();
  }

  /**
   * On platform threads, for the classes: whoever waits for another thread to initialise one holds
   * its carrier as well, and where that other one is not let run, for longer than we allow.
   */
  private static void warmUp(String what) throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    new VirtualThreadsWorker().run(what, threads, WARM_UP);
    threads.shutdown();
  }

  private void run(String what, ExecutorService threads, int count) throws Exception {
    if (what.equals("pin")) {
      threads.submit(() -> Pins.PINNED).get();
      return;
    }
    String mode = what.equals("reentrant") ? "queue" : what;
    try (LockClient a = LockClient.connect("memory:threads?mode=" + mode);
        LockClient b = LockClient.connect("memory:threads")) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int name = i % NAMES;
        DistributedLock lock = (i / NAMES % 2 == 0 ? a : b).lock("name-" + name);
        all.add(
            threads.submit(
                () -> what.equals("reentrant") ? reenter(lock, name) : hold(lock, name, threads)));
      }
      for (Future<?> each : all) {
        each.get(50, TimeUnit.SECONDS);
      }
    }
  }

  /** Acquires here, and releases on another thread: of either kind. */
  private boolean hold(DistributedLock lock, int name, ExecutorService threads) throws Exception {
    LockHandle held = lock.acquire();
    enter(name);
    ReleaseResult result =
        pairs.get() % 2 == 0
            ? threads.submit(held::release).get()
            : held.releaseAsync().get(10, TimeUnit.SECONDS);
    return count(result == ReleaseResult.RELEASED);
  }

  private boolean reenter(DistributedLock distributed, int name) {
    var lock = ReentrantDistributedLock.over(distributed);
    lock.lock();
    try {
      lock.lock();
      try {
        enter(name);
      } finally {
        lock.unlock();
      }
      return count(lock.isHeldByCurrentThread());
    } finally {
      lock.unlock();
    }
  }

  private void enter(int name) {
    if (inside.incrementAndGet(name) != 1) {
      overlaps.incrementAndGet();
    }
    LockSupport.parkNanos(1_000);
    inside.decrementAndGet(name);
  }

  private boolean count(boolean good) {
    if (good) {
      pairs.incrementAndGet();
    }
    return good;
  }

  /** A class that is being initialised holds its carrier, on every Java. */
  private static final class Pins {
    static final boolean PINNED;

    static {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(60);
      while (System.nanoTime() - end < 0) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
      PINNED = true;
    }
  }
}
