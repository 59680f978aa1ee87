package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LatchOptions;
import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.fault.Faults;
import java.time.Duration;
import java.util.Optional;

/** One client of a test, with the line between it and the store, and an eye on its handles. */
public final class TestClient implements AutoCloseable {

  private final Faults line = new Faults();
  private final Overlaps overlaps;
  private final String prefix;
  private final LockClient locks;
  private volatile Optional<LockBackend> backend = Optional.empty();

  TestClient(LockFixture fixture, LockClientOptions options, Overlaps overlaps) {
    this.overlaps = overlaps;
    this.prefix = options.prefix();
    LockBackendFactory disturbed = line.wrap(fixture.connect(line));
    this.locks = fixture.client(context -> open(disturbed, context), options);
  }

  private LockBackend open(LockBackendFactory factory, BackendContext context) {
    LockBackend opened = factory.open(context);
    backend = Optional.of(opened);
    return opened;
  }

  /** The client itself; its handles are not watched. */
  public LockClient locks() {
    return locks;
  }

  /** The line to the store. */
  public Faults line() {
    return line;
  }

  /** The backend below the engine, behind the line. */
  public LockBackend backend() {
    return backend.orElseThrow();
  }

  /** A lock whose handles are watched. */
  public DistributedLock lock(String name) {
    return lock(name, LockOptions.defaults());
  }

  /** The same with options. */
  public DistributedLock lock(String name, LockOptions options) {
    return new WatchedLock(locks.lock(name, options), prefix + name, overlaps);
  }

  /** Acquires a lock that is expected to be free. */
  public LockHandle hold(String name) throws InterruptedException {
    return lock(name).acquire(Duration.ofSeconds(10));
  }

  /** A participant in an election. */
  public LeaderLatch latch(String name) {
    return latch(name, LatchOptions.defaults());
  }

  /** The same with options. */
  public LeaderLatch latch(String name, LatchOptions options) {
    return locks.leaderLatch(name, options);
  }

  /** From now on nothing passes between this client and the store. */
  public void silence() {
    line.blackHole();
  }

  /** Ends the silence. */
  public void heal() {
    line.heal();
  }

  @Override
  public void close() {
    locks.close();
  }
}
