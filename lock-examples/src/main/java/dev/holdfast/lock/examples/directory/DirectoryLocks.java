package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import java.nio.file.Path;
import java.util.Set;

/** Locks as files: {@code LockClient.connect("directory:/var/lib/app/locks")}. */
public final class DirectoryLocks implements LockBackendProvider {

  /** Locks in this directory, which must be there when the first lock is asked for. */
  public static LockBackendFactory in(Path path) {
    Path absolute = path.toAbsolutePath();
    return lent -> new DirectoryBackend(new Directory(absolute, lent.ticker()), lent);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("directory");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    return in(Path.of(uri.substring("directory:".length())));
  }
}
