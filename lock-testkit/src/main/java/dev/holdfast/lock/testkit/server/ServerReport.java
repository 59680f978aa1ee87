package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers this JVM used and where they came from, so that nobody takes a run on a stand-in
 * for a run on the real thing.
 *
 * <p>Each description is appended once per JVM, as one line, to the file that the system property
 * {@value #FILE_PROPERTY} names, if it is set. Several JVMs may share the file.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class ServerReport {

  /** The system property that names the file. */
  public static final String FILE_PROPERTY = "holdfast.server.report";

  private static final Logger log = LoggerFactory.getLogger(ServerReport.class);
  private static final Set<String> used = new ConcurrentSkipListSet<>();

  private ServerReport() {}

  /**
   * Notes a server. Those of this package note themselves.
   *
   * @param description as {@link TestServer#description} gives it
   */
  public static void add(String description) {
    String line = description.replaceAll("[\\r\\n]+", " ");
    String file = System.getProperty(FILE_PROPERTY);
    if (used.add(line) && file != null && !file.isBlank()) {
      append(Path.of(file), line + System.lineSeparator());
    }
  }

  /**
   * The servers that this JVM used.
   *
   * @return their descriptions, sorted
   */
  public static List<String> lines() {
    return List.copyOf(used);
  }

  private static void append(Path file, String line) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        Files.createDirectories(folder);
      }
      // one small write in append mode: lines of several JVMs do not mix
      Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      log.warn("could not report a server to {}: {}", file, line.strip(), e);
    }
  }
}
