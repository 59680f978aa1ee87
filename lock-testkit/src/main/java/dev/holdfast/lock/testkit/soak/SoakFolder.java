package dev.holdfast.lock.testkit.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a soak writes, and where. */
final class SoakFolder {

  private static final String PICTURE = "picture.html";

  private SoakFolder() {}

  /** Makes the folder, or removes what an earlier soak has left in it, and nothing else. */
  static void prepare(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.deleteIfExists(picture(folder));
    List<Path> old;
    try (Stream<Path> files = Files.list(folder)) {
      old = files.filter(file -> file.toString().endsWith(HistoryTail.SUFFIX)).toList();
    }
    for (Path file : old) {
      Files.delete(file);
    }
  }

  static Path history(Path folder, String name) {
    return folder.resolve(name + HistoryTail.SUFFIX);
  }

  static Path picture(Path folder) {
    return folder.resolve(PICTURE);
  }
}
