package dev.holdfast.lock.testkit.history;

import dev.holdfast.lock.LockHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes down who waited for, acquired, lost and released what, in one process.
 *
 * <p><b>Promise.</b> Append-only. With a file, every event has been handed to the kernel as one
 * whole line when the method returns, so a {@code kill -9} of this process loses none. Times are
 * taken on entry.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 *
 * <p>Each process writes a file of its own; {@link #read} merges them.
 */
public final class History implements AutoCloseable {

  /** The detail of an event whose client saw {@code isHeld()} true. */
  static final String HELD = "held";

  /** The detail of a pause that nobody meant: the process got no processor. */
  static final String STALL = "stall";

  private final String process;
  private final @Nullable FileChannel file;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<HistoryEvent> events = new ArrayList<>();

  private History(String process, @Nullable FileChannel file) {
    this.process = process;
    this.file = file;
  }

  /**
   * A history that is kept in memory.
   *
   * @param process the name of this process
   * @return an empty history
   */
  public static History inMemory(String process) {
    return new History(process, null);
  }

  /**
   * A history that is written to a file as well.
   *
   * @param process the name of this process
   * @param path appended to; made if it does not exist
   * @return a history that knows only its own events
   * @throws UncheckedIOException if the file cannot be opened
   */
  public static History toFile(String process, Path path) {
    try {
      return new History(
          process, FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a history to " + path, e);
    }
  }

  /**
   * Notes that a client begins to wait.
   *
   * @param client who in this process
   * @param name the lock
   */
  public void waiting(String client, String name) {
    note(EventKind.WAITING, client, name, 0, "");
  }

  /**
   * Notes a grant; to be called right after {@code acquire} has returned.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   */
  public void acquired(String client, String name, long token) {
    note(EventKind.ACQUIRED, client, name, token, "");
  }

  /**
   * Notes a grant that is certain although this process may be frozen between any two instructions:
   * {@code isHeld()} is still true at a later instant than the one that is noted.
   *
   * @param client who in this process
   * @param handle what {@code acquire} has returned
   * @return false if it is not held any more; nothing is noted then
   */
  public boolean acquired(String client, LockHandle handle) {
    long now = System.nanoTime();
    if (!handle.isHeld()) {
      return false;
    }
    String name = handle.lockName();
    long token = handle.fencingToken();
    add(new HistoryEvent(now, EventKind.ACQUIRED, process, client, name, token, ""));
    return true;
  }

  /**
   * Notes a loss; to be called first thing in the notice.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   * @param reason why, as text
   */
  public void lost(String client, String name, long token, String reason) {
    note(EventKind.LOST, client, name, token, reason);
  }

  /**
   * Notes the start of a release, which ends the hold; to be called right before it.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   */
  public void releasing(String client, String name, long token) {
    note(EventKind.RELEASING, client, name, token, "");
  }

  /**
   * Notes that a release has returned.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   * @param outcome what it returned, as text
   */
  public void released(String client, String name, long token, String outcome) {
    note(EventKind.RELEASED, client, name, token, outcome);
  }

  /**
   * Notes that {@code isHeld()} was found false before the release.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   */
  public void unheld(String client, String name, long token) {
    note(EventKind.UNHELD, client, name, token, "");
  }

  /**
   * Notes a write to the guarded resource; to be called once it was answered.
   *
   * @param client who in this process
   * @param name the lock
   * @param token the fencing token
   * @param accepted what the resource answered
   * @param stillHeld what {@code isHeld()} said after the answer
   */
  public void wrote(String client, String name, long token, boolean accepted, boolean stillHeld) {
    EventKind kind = accepted ? EventKind.WRITTEN : EventKind.REJECTED;
    note(kind, client, name, token, stillHeld ? HELD : "");
  }

  /**
   * Notes that a fault is in force.
   *
   * @param victim a process by its name in its own history, or empty for all
   * @param text which fault, the same at its end
   */
  public void fault(String victim, String text) {
    add(new HistoryEvent(System.nanoTime(), EventKind.FAULT, victim, "", "", 0, text));
  }

  /**
   * Notes that a fault has ended.
   *
   * @param victim as it was noted at the beginning
   * @param text as it was noted at the beginning
   */
  public void healed(String victim, String text) {
    add(new HistoryEvent(System.nanoTime(), EventKind.HEALED, victim, "", "", 0, text));
  }

  /**
   * Notes that another process was killed; to be called once it is gone.
   *
   * @param victim its name in its own history
   */
  public void killed(String victim) {
    add(new HistoryEvent(System.nanoTime(), EventKind.KILLED, victim, "", "", 0, ""));
  }

  /**
   * Notes that another process was stopped; to be called once it stands still.
   *
   * @param victim its name in its own history
   */
  public void paused(String victim) {
    add(new HistoryEvent(System.nanoTime(), EventKind.PAUSED, victim, "", "", 0, ""));
  }

  /**
   * Notes that a stopped process goes on; to be called right before it is continued.
   *
   * @param victim its name in its own history
   */
  public void resumed(String victim) {
    add(new HistoryEvent(System.nanoTime(), EventKind.RESUMED, victim, "", "", 0, ""));
  }

  /**
   * Notes that this process got no processor for a while, which is a pause that nobody meant.
   *
   * @param from the last instant at which it is known to have run
   * @param to when it ran again
   */
  public void stalled(long from, long to) {
    add(new HistoryEvent(from, EventKind.PAUSED, process, "", "", 0, STALL));
    add(new HistoryEvent(to, EventKind.RESUMED, process, "", "", 0, STALL));
  }

  /**
   * Notes anything else.
   *
   * @param text for the reader of the history
   */
  public void note(String text) {
    note(EventKind.NOTE, "", "", 0, text);
  }

  /**
   * Notes anything else about a client and a lock, such as a wait that was given up.
   *
   * @param client who in this process
   * @param name the lock
   * @param text for the reader of the history
   */
  public void note(String client, String name, String text) {
    note(EventKind.NOTE, client, name, 0, text);
  }

  private void note(EventKind kind, String client, String name, long token, String detail) {
    add(new HistoryEvent(System.nanoTime(), kind, process, client, name, token, detail));
  }

  /**
   * Adds an event as it is, for a caller that took the time itself.
   *
   * @param event any event, of any process
   * @throws UncheckedIOException if it cannot be written
   */
  public void add(HistoryEvent event) {
    lock.lock();
    try {
      events.add(event);
      if (file != null) {
        write(file, event.toLine() + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write to the history of " + process, e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * The events that were noted through this object.
   *
   * @return a copy, in the order of noting
   */
  public List<HistoryEvent> events() {
    lock.lock();
    try {
      return List.copyOf(events);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads the files of several processes. A last line without its end, of a process that was killed
   * while it wrote, is ignored.
   *
   * @param files in any order
   * @return all events, by time
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if a whole line is no event
   */
  public static List<HistoryEvent> read(Collection<Path> files) throws IOException {
    List<HistoryEvent> all = new ArrayList<>();
    for (Path file : files) {
      String text = Files.readString(file);
      text.substring(0, text.lastIndexOf('\n') + 1)
          .lines()
          .map(HistoryEvent::parse)
          .forEach(all::add);
    }
    return merge(all);
  }

  /**
   * Sorts events of several processes by time.
   *
   * @param events in any order; those of the same instant keep theirs
   * @return a sorted copy
   */
  public static List<HistoryEvent> merge(Collection<HistoryEvent> events) {
    return events.stream().sorted(HistoryEvent.BY_TIME).toList();
  }

  /** Closes the file, if there is one; idempotent. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the history of " + process, e);
    } finally {
      lock.unlock();
    }
  }

  private static void write(FileChannel file, String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }
}
