package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.PathNames;
import dev.holdfast.lock.testkit.contract.LockFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** All that the contract has to know of a directory of locks. */
final class DirectoryFixture implements LockFixture {

  private final Path directory;

  DirectoryFixture() throws IOException {
    directory = Files.createTempDirectory("holdfast-locks");
  }

  @Override
  public LockBackendFactory connect() {
    return DirectoryLocks.in(directory);
  }

  @Override
  public void deleteRecord(String name) throws IOException {
    Files.deleteIfExists(directory.resolve(PathNames.encode(name, 200) + ".lock"));
  }

  /** Every renewal writes every file that is held: longer than usual, for a thousand of them. */
  @Override
  public Duration lease() {
    return Duration.ofSeconds(3);
  }

  /** Files of locks that are held: one whose lease has run out is taken over, or overwritten. */
  @Override
  public OptionalLong residue() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return OptionalLong.of(files.filter(DirectoryFixture::isHeld).count());
    }
  }

  private static boolean isHeld(Path file) {
    try {
      return file.toString().endsWith(".lock")
          && LockFile.parse(Files.readString(file)).isHeldAt(System.currentTimeMillis());
    } catch (NoSuchFileException e) {
      return false; // released in the meantime
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Optional<String> uri() {
    return Optional.of("directory:" + directory);
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
