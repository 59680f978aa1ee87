package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.process.WorkerIo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One of several processes that want the same name: holds it for a moment, again and again. */
final class BenchWorker {

  private BenchWorker() {}

  /**
   * Serves {@code <contender> <start> <milliseconds> <nanoseconds of a hold>}, the start by {@link
   * System#nanoTime()}; answers with the begin and end of every hold.
   *
   * @param args the kind of store, and its URI
   */
  public static void main(String[] args) throws Exception {
    WorkerIo io = WorkerIo.open();
    Map<String, Subject> subjects = new HashMap<>();
    for (Contender contender : StoreKinds.named(args[0]).orElseThrow().contenders()) {
      Subject subject = contender.opener().open(args[1]);
      subject.acquire("warm-up").release();
      subjects.put(contender.name(), subject);
    }
    io.say("ready");
    io.serve(
        line -> {
          String[] words = line.split(" ", 4);
          Subject subject = Objects.requireNonNull(subjects.get(words[0]));
          long start = Long.parseLong(words[1]);
          long end = start + TimeUnit.MILLISECONDS.toNanos(Long.parseLong(words[2]));
          io.say("holds " + Handovers.toText(holds(subject, start, end, Long.parseLong(words[3]))));
        });
  }

  private static List<Handovers.Hold> holds(Subject subject, long start, long end, long hold)
      throws Exception {
    List<Handovers.Hold> holds = new ArrayList<>();
    while (System.nanoTime() - start < 0) {
      LockSupport.parkNanos(start - System.nanoTime());
    }
    while (System.nanoTime() - end < 0) {
      Subject.Held held = subject.acquire("handed-over");
      long from = System.nanoTime();
      LockSupport.parkNanos(hold);
      long to = System.nanoTime();
      held.release();
      holds.add(new Handovers.Hold(from, to));
    }
    return holds;
  }
}
