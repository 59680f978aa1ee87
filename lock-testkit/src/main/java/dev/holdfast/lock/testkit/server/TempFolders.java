package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import org.jspecify.annotations.Nullable;

/** Makes and deletes the folders of servers. */
final class TempFolders {

  private TempFolders() {}

  /**
   * A folder that a server can reach that runs as another user: in the one that was asked for, or
   * else {@code java.io.tmpdir}, unless that lies below a private folder (such as /root) and /tmp
   * does not.
   */
  static Path create(String prefix) throws IOException {
    Path base = base().toAbsolutePath();
    Path common = Path.of("/tmp");
    if (Unprivileged.isRoot() && !isOpen(base) && isOpen(common)) {
      base = common;
    }
    return Files.createTempDirectory(base, prefix);
  }

  private static Path base() {
    String wanted =
        System.getProperty(TestServer.FOLDER_PROPERTY, System.getenv(TestServer.FOLDER_VARIABLE));
    boolean none = wanted == null || wanted.isBlank();
    return Path.of(none ? System.getProperty("java.io.tmpdir") : wanted);
  }

  private static boolean isOpen(Path folder) throws IOException {
    for (Path at = folder.toRealPath(); at != null; at = at.getParent()) {
      if (!Files.getPosixFilePermissions(at).contains(PosixFilePermission.OTHERS_EXECUTE)) {
        return false;
      }
    }
    return true;
  }

  /** Deletes a folder; a file that vanishes meanwhile (a server's child dying) is no error. */
  static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      Files.walkFileTree(folder, new Deletion());
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
      if (e instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw e;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
        throws IOException {
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
