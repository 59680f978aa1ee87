package dev.holdfast.lock.testkit.process;

import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The lines that arrived and that nobody has taken yet.
 *
 * <p>Guarded by {@code lock}: lines, ended. Bounded, because a worker that only talks to a listener
 * would fill the memory of a long run: the oldest go first.
 */
final class Lines {

  private static final int MOST = 100_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<String> lines = new ArrayDeque<>();
  private boolean ended;

  void add(String line) {
    lock.lock();
    try {
      if (lines.size() == MOST) {
        lines.removeFirst();
      }
      lines.addLast(line);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  List<String> all() {
    lock.lock();
    try {
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  /** Takes the oldest line that matches; empty if the limit passed or no line can come any more. */
  Optional<String> take(Predicate<String> wanted, Duration limit) throws InterruptedException {
    long left = Await.scaled(limit).toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        String found = remove(wanted);
        if (found != null) {
          return Optional.of(found);
        }
        if (ended || left <= 0) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable String remove(Predicate<String> wanted) {
    for (Iterator<String> i = lines.iterator(); i.hasNext(); ) {
      String line = i.next();
      if (wanted.test(line)) {
        i.remove();
        return line;
      }
    }
    return null;
  }
}
