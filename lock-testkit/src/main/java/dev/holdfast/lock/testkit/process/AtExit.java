package dev.holdfast.lock.testkit.process;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what a test left open when this JVM exits: child processes, then their folders.
 *
 * <p><b>Promise.</b> On a normal exit, {@code System.exit} or SIGTERM everything still registered
 * is closed once, the last registered first. After a {@code kill -9} of this JVM nothing can be
 * closed; workers notice that by their closed stdin ({@link WorkerIo}).
 *
 * <p><b>Threads.</b> Safe for concurrent use; the closing runs one after the other on a shutdown
 * hook.
 */
public final class AtExit {

  private static final Logger log = LoggerFactory.getLogger(AtExit.class);
  private static final AtomicLong ids = new AtomicLong();
  private static final ConcurrentSkipListMap<Long, AutoCloseable> open =
      new ConcurrentSkipListMap<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtExit::closeAll, "holdfast-at-exit"));
  }

  private final long id;

  private AtExit(long id) {
    this.id = id;
  }

  /**
   * Remembers {@code resource} until {@link #forget()} or the end of this JVM.
   *
   * @param resource closed at exit; must be safe to close more than once
   * @return the registration
   */
  public static AtExit close(AutoCloseable resource) {
    AtExit registration = new AtExit(ids.incrementAndGet());
    open.put(registration.id, resource);
    return registration;
  }

  /** Forgets the resource, because it has been closed; does nothing the second time. */
  public void forget() {
    open.remove(id);
  }

  static Set<Long> registered() {
    return Collections.unmodifiableSet(open.keySet());
  }

  private static void closeAll() {
    List<AutoCloseable> lastFirst = new ArrayList<>(open.descendingMap().values());
    for (AutoCloseable resource : lastFirst) {
      try {
        resource.close();
      } catch (Exception | LinkageError e) {
        // one that cannot be closed must not keep the others open
        log.debug("could not close {} at exit", resource, e);
      }
    }
  }
}
