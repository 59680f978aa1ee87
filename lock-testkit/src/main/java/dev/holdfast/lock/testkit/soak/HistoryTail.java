package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.history.HistoryEvent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Reads histories while they are written, so that the soak knows no more than its files.
 *
 * <p>Used by one thread.
 */
final class HistoryTail {

  static final String SUFFIX = ".history";

  private final Path folder;
  private final Map<Path, Long> read = new TreeMap<>();

  HistoryTail(Path folder) {
    this.folder = folder;
  }

  /** What has been written since the last call; whole lines only. */
  List<HistoryEvent> poll() {
    List<HistoryEvent> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX)).toList()) {
        poll(file, events);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the histories in " + folder, e);
    }
    return events;
  }

  private void poll(Path path, List<HistoryEvent> events) throws IOException {
    long from = read.getOrDefault(path, 0L);
    if (Files.size(path) == from) {
      return;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] != '\n') {
        end--;
      }
      new String(bytes, 0, end, StandardCharsets.UTF_8)
          .lines()
          .map(HistoryEvent::parse)
          .forEach(events::add);
      read.put(path, from + end);
    }
  }
}
