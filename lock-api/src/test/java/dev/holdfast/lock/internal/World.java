package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** One client over a fake store in virtual time. */
final class World {

  static final Duration LEASE = Duration.ofSeconds(15);

  /** LEASE less its margin of a tenth. */
  static final Duration TRUSTED = Duration.ofMillis(13_500);

  /** A quarter of TRUSTED. */
  static final Duration PERIOD = TRUSTED.dividedBy(4);

  private static final AtomicInteger CLIENTS = new AtomicInteger();

  final VirtualTime time;
  final Engine engine;
  final HoldfastClient client;
  final FakeBackend backend;
  final FakeStore store;

  private World(Builder builder) {
    time = builder.time;
    store = builder.store;
    ClientEnvironment environment =
        new ClientEnvironment(
            time.ticker(),
            time.timer(),
            builder.callbacks,
            builder.workers,
            new Random(builder.seed),
            true);
    engine =
        new Engine(
            context -> new FakeBackend(store, context, builder.capabilities, time),
            builder.options.build(),
            environment,
            "c" + CLIENTS.incrementAndGet());
    backend = (FakeBackend) engine.backend;
    client = new HoldfastClient(engine, null);
  }

  static World polled() {
    return builder(LockCapabilities.of("fake")).build();
  }

  static World queued() {
    return builder(LockCapabilities.of("fake").withQueue()).build();
  }

  static World blocking() {
    return builder(LockCapabilities.of("fake").withBlocking()).build();
  }

  static Builder builder(LockCapabilities capabilities) {
    return new Builder(capabilities);
  }

  NamedLock lock(String name) {
    return (NamedLock) client.lock(name);
  }

  NamedLock lock(String name, LockOptions options) {
    return (NamedLock) client.lock(name, options);
  }

  /** A handle, had without a wait. */
  Handle held(String name) {
    return now(lock(name).acquireAsync());
  }

  Handle held(String name, LockOptions options) {
    return now(lock(name, options).acquireAsync());
  }

  static Handle now(CompletableFuture<LockHandle> future) {
    if (!future.isDone()) {
      throw new AssertionError("not acquired yet");
    }
    return (Handle) future.join();
  }

  Claim claimOf(LockHandle handle) {
    return ((Handle) handle).hold.claim;
  }

  void renewed(LockHandle handle, Duration validFor, long asOf) {
    engine.renewed(claimOf(handle), validFor, asOf);
  }

  /** Lets time pass, not much faster than it does, while other threads work. */
  void runUntilDone(Background<?> work) {
    while (!work.isDone()) {
      time.advance(Duration.ofNanos(200_000));
      LockSupport.parkNanos(50_000);
    }
  }

  void advance(Duration by) {
    time.advance(by);
  }

  static final class Builder {

    private final LockCapabilities capabilities;
    private final LockClientOptions.Builder options = LockClientOptions.builder();
    private VirtualTime time = new VirtualTime(1_000_000_000);
    private FakeStore store;
    private Executor callbacks;
    private Executor workers;
    private long seed = 1;

    private Builder(LockCapabilities capabilities) {
      this.capabilities = capabilities;
    }

    Builder origin(long nanos) {
      time = new VirtualTime(nanos);
      return this;
    }

    /** Another client of the same store at the same time. */
    Builder beside(World other) {
      time = other.time;
      store = other.store;
      return this;
    }

    Builder callbacks(Executor value) {
      callbacks = value;
      return this;
    }

    Builder workers(Executor value) {
      workers = value;
      return this;
    }

    Builder seed(long value) {
      seed = value;
      return this;
    }

    Builder options(java.util.function.Consumer<LockClientOptions.Builder> change) {
      change.accept(options);
      return this;
    }

    World build() {
      store = store == null ? new FakeStore(time.ticker()) : store;
      callbacks = callbacks == null ? time.inline() : callbacks;
      workers = workers == null ? time.inline() : workers;
      return new World(this);
    }
  }
}
