package dev.holdfast.lock.testkit.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the kernel says about a process id.
 *
 * <p>{@link ProcessHandle#isAlive()} is not enough: it counts a zombie as alive, and an orphan
 * under a container's careless first process stays a zombie for ever.
 */
final class ProcessState {

  private static final char GONE = '-';
  private static final char UNKNOWN = '?';
  private static final boolean PROC = Files.isReadable(Path.of("/proc/self/stat"));

  private ProcessState() {}

  /** Whether the process has ended, reaped or not. */
  static boolean isGone(long pid) {
    if (!PROC) {
      return ProcessHandle.of(pid).map(handle -> !handle.isAlive()).orElse(true);
    }
    char state = state(Path.of("/proc", Long.toString(pid), "stat"));
    return state == GONE || state == 'Z' || state == 'X';
  }

  /** Whether every thread of the process is stopped; where nobody can tell, true. */
  static boolean isStopped(long pid) {
    if (!PROC) {
      return true;
    }
    try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      List<Path> all = tasks.toList();
      return all.stream().map(task -> state(task.resolve("stat"))).allMatch(ProcessState::stopped);
    } catch (IOException e) {
      return isGone(pid);
    }
  }

  private static boolean stopped(char state) {
    return "TtZX-".indexOf(state) >= 0;
  }

  private static char state(Path stat) {
    try {
      String line = Files.readString(stat);
      // the name before it is in brackets and may itself hold brackets and blanks
      int end = line.lastIndexOf(')');
      return end > 0 && end + 2 < line.length() ? line.charAt(end + 2) : UNKNOWN;
    } catch (IOException e) {
      return GONE;
    }
  }
}
