package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The threads and sockets of this process at some instant; sockets on Linux only. */
record Belongings(Set<Thread> threads, Set<String> sockets) {

  private static final Path FILES = Path.of("/proc/self/fd");
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Of the JVM, or one for all clients of a driver, which ends by itself when it likes. */
  private static final List<String> NOT_OURS =
      List.of(
          "ForkJoinPool",
          "CompletableFutureDelayScheduler",
          "Attach Listener",
          "process reaper",
          "Common-Cleaner",
          "Cleaner-",
          "VirtualThread-unblocker",
          "SIGTERM handler",
          "SIGINT handler",
          "soak-",
          "PostgreSQL-JDBC",
          "mysql-cj-abandoned",
          "globalEventExecutor",
          "FailsafeDelayScheduler",
          "H2 ");

  static Belongings now() {
    return new Belongings(Set.copyOf(Thread.getAllStackTraces().keySet()), openSockets());
  }

  static String count() {
    Belongings now = now();
    return now.threads.size() + " " + now.sockets.size();
  }

  /** Waits until nothing is there that was not there at first; says what still is after 10 s. */
  String awaitNothingNew() {
    try {
      Await.until("nothing left", LIMIT, this::isNothingNew);
      return "";
    } catch (AssertionError e) {
      return String.join(", ", added());
    }
  }

  /**
   * A driver may drop a socket that is broken and leave it to the collector: no leak, if untidy.
   */
  private boolean isNothingNew() {
    if (!added().isEmpty()) {
      System.gc();
    }
    return added().isEmpty();
  }

  private List<String> added() {
    List<String> added = new ArrayList<>();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.isAlive() && !threads.contains(thread))
        .map(Thread::getName)
        .filter(name -> NOT_OURS.stream().noneMatch(name::startsWith))
        .forEach(name -> added.add("thread " + name));
    Set<String> open = openSockets();
    open.removeAll(sockets);
    open.stream().filter(socket -> !isLocal(socket)).forEach(socket -> added.add(describe(socket)));
    return added;
  }

  private static Set<String> openSockets() {
    Set<String> sockets = new HashSet<>();
    if (!Files.isDirectory(FILES)) {
      return sockets;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(FILES)) {
      for (Path file : files) {
        String target = target(file);
        if (target.startsWith("socket:")) {
          sockets.add(target);
        }
      }
    } catch (IOException e) {
      return Set.of();
    }
    return sockets;
  }

  /** With both ends and the state, as the kernel writes them, where it knows them still. */
  private static String describe(String socket) {
    for (String table : new String[] {"tcp", "tcp6", "udp", "udp6"}) {
      Optional<String[]> line = line(table, socket, 9);
      if (line.isPresent()) {
        String[] words = line.get();
        return "%s of %s, %s to %s in state %s"
            .formatted(socket, table, words[1], words[2], words[3]);
      }
    }
    return socket + " without a connection";
  }

  /** The JVM has one such of its own, from when it closes its first connection. */
  private static boolean isLocal(String socket) {
    return line("unix", socket, 6).isPresent();
  }

  private static Optional<String[]> line(String table, String socket, int column) {
    String inode = socket.replaceAll("\\D", "");
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/net", table))) {
      return lines
          .map(text -> text.strip().split("\\s+"))
          .filter(words -> words.length > column && words[column].equals(inode))
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty(); // the number must do
    }
  }

  private static String target(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException e) {
      return ""; // closed in the meantime
    }
  }
}
