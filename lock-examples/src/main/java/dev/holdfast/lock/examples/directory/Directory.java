package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.PathNames;
import dev.holdfast.lock.spi.Ticker;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The store: a file for each lock that is held, and the file "turn", which is locked at the
 * operating system by whoever reads or writes the others. It holds the last token, and gives the
 * time: when it was written to, as the file system notes it. So all count by one clock.
 */
record Directory(Path path, Ticker ticker) {

  /** A lock of the operating system belongs to the process; its threads take turns here first. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  /** What one does while nobody else does anything. */
  interface Work<T> {
    T in(Turn turn) throws IOException;
  }

  /** Runs {@code work} alone, or fails when its turn has not come within {@code patience}. */
  <T> T alone(Duration patience, Work<T> work) {
    boolean interrupted = Thread.interrupted(); // it would close files under our hands
    try {
      long end = ticker.read() + patience.toNanos();
      if (!THREADS.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw busy();
      }
      try (RandomAccessFile file = new RandomAccessFile(path.resolve("turn").toFile(), "rw")) {
        while (file.getChannel().tryLock() == null) { // it ends when the file is closed
          if (ticker.read() - end > 0) {
            throw busy();
          }
          Thread.sleep(1);
        }
        return work.in(new Turn(path, file));
      } finally {
        THREADS.unlock();
      }
    } catch (IOException e) {
      throw BackendFailure.transientFailure(path + " must be a directory, and writable", e);
    } catch (InterruptedException e) {
      interrupted = true;
      throw BackendFailure.transientFailure("interrupted", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private BackendFailure busy() {
    return BackendFailure.transientFailure("others keep " + path + "/turn busy", null);
  }

  /** The directory, while nobody else looks at it. */
  static final class Turn {
    private final Path path;
    private final RandomAccessFile file;
    private long lastToken;
    final long now;

    private Turn(Path path, RandomAccessFile file) throws IOException {
      this.path = path;
      this.file = file;
      note(file.length() == 0 ? 0 : file.readLong());
      now = Files.getLastModifiedTime(path.resolve("turn")).toMillis();
    }

    long nextToken() throws IOException {
      note(lastToken + 1);
      return lastToken;
    }

    private void note(long token) throws IOException {
      file.seek(0);
      file.writeLong(token);
      lastToken = token;
    }

    LockFile read(String name) throws IOException {
      Path found = fileOf(name);
      return Files.exists(found) ? LockFile.parse(Files.readString(found)) : LockFile.NONE;
    }

    /** All of it or nothing: a process that dies meanwhile leaves the old file. */
    void write(Claim claim, long token) throws IOException {
      long until = now + claim.lease().toMillis();
      Files.writeString(
          path.resolve("draft"),
          new LockFile(claim.id(), token, until, claim.description()).text());
      Files.move(path.resolve("draft"), fileOf(claim.name()), StandardCopyOption.ATOMIC_MOVE);
    }

    void delete(String name) throws IOException {
      Files.deleteIfExists(fileOf(name));
    }

    private Path fileOf(String name) {
      return path.resolve(PathNames.encode(name, 200) + ".lock");
    }
  }
}
