package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.spi.LockUris;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.TestServer;
import java.util.List;
import java.util.Optional;

/**
 * The store that a soak uses. To soak a backend of one's own {@link #at} with its URI is enough;
 * with a {@linkplain #server() server} the store itself suffers faults as well.
 *
 * <p><b>Threads.</b> Used by one thread at a time.
 */
public interface SoakStore extends AutoCloseable {

  /**
   * A running store, which the soak leaves alone: only processes and their network suffer.
   *
   * @param uri for {@link dev.holdfast.lock.LockClient#connect}
   * @return the store
   */
  static SoakStore at(String uri) {
    return new SoakStore() {
      @Override
      public String description() {
        return LockUris.redact(uri);
      }

      @Override
      public String uri() {
        return uri;
      }

      @Override
      public void close() {}
    };
  }

  /**
   * What this store is.
   *
   * @return for the head of the report, without secrets
   */
  String description();

  /**
   * Where the store is.
   *
   * @return a URI that every process on this host can connect to
   */
  String uri();

  /**
   * The server, if the soak may pause, kill and restart it.
   *
   * @return empty for a store of others
   */
  default Optional<TestServer> server() {
    return Optional.empty();
  }

  /**
   * A proxy before the store that it knows of, as one needs that tells its clients where to
   * connect.
   *
   * @param process whose way it is, counted from 0
   * @return closed by the soak; empty if the soak may put one of its own before {@link #uri}
   */
  default Optional<FaultProxy> way(int process) {
    return Optional.empty();
  }

  /**
   * What is left at the store though all clients were closed or have died: sessions, claims,
   * records that will never expire. Asked until it is empty, for a lease and 5 s.
   *
   * @return one line per thing; empty if nothing is left, or nobody can tell
   * @throws Exception if the store cannot be asked
   */
  default List<String> residue() throws Exception {
    return List.of();
  }

  /** Ends what was started for the soak. */
  @Override
  void close();
}
