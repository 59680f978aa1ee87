package dev.holdfast.lock.testkit.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The wall clock of some processes, which a test may set; their monotonic clock, and the clocks of
 * all other processes, stay as they are. A process gets it with its {@link #environment}: a small
 * library, compiled here, is preloaded into it. That works for programs that ask the C library for
 * the time, on Linux; those written in Go do not.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class WallClock implements AutoCloseable {

  private static final long COMPILE_SECONDS = 60;

  private final Path folder;
  private final Path offset;
  private final Path library;

  private WallClock(Path folder, Path library) throws IOException {
    this.folder = folder;
    this.library = library;
    this.offset = folder.resolve("offset");
    step(Duration.ZERO);
  }

  /**
   * Makes a clock that goes right.
   *
   * @return empty if there is no C compiler ({@code cc}), or this is not Linux
   */
  public static Optional<WallClock> create() {
    Path folder = null;
    try {
      // Readable for all: a server may run as another user.
      folder = Files.createTempDirectory("holdfast-clock-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Path library = folder.resolve("clock.so");
      if (!compile(folder, library)) {
        delete(folder);
        return Optional.empty();
      }
      return Optional.of(new WallClock(folder, library));
    } catch (IOException | UnsupportedOperationException e) {
      if (folder != null) {
        delete(folder);
      }
      return Optional.empty();
    }
  }

  private static boolean compile(Path folder, Path library) throws IOException {
    Path source = folder.resolve("clock.c");
    try (InputStream in = WallClock.class.getResourceAsStream("clock.c")) {
      Files.copy(Objects.requireNonNull(in, "clock.c"), source);
    }
    Process compiler =
        new ProcessBuilder(
                "cc", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("cc.log").toFile())
            .start();
    try {
      return compiler.waitFor(COMPILE_SECONDS, TimeUnit.SECONDS) && compiler.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      compiler.destroyForcibly();
    }
  }

  /**
   * Sets the clock.
   *
   * @param by how far it is ahead of this machine's, from now on
   */
  public void step(Duration by) {
    byte[] micros =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(TimeUnit.NANOSECONDS.toMicros(by.toNanos()))
            .array();
    try {
      Files.write(offset, micros, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Variables for the processes that are to have this clock. */
  public Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "CLOCK_OFFSET", offset.toString());
  }

  /** Deletes the library; processes that have the clock keep its last setting. */
  @Override
  public void close() {
    delete(folder);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // a folder of a few kB in the temporary folder
    }
  }
}
