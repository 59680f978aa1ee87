package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.memory.MemoryLocks;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The testkit's store in memory, which shows what the engine itself costs; the limit is a map. */
final class MemoryKind implements StoreKind {

  private static final String NAME = "bench";

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public List<Contender> contenders() {
    return List.of(
        Contender.limit(uri -> new MapLimit(new ConcurrentHashMap<>())), Contender.HOLDFAST);
  }

  @Override
  public Server start() {
    return new Running();
  }

  private record MapLimit(ConcurrentMap<String, Object> owners) implements Subject {

    @Override
    public Held acquire(String lock) {
      Object owner = new Object();
      while (owners.putIfAbsent(lock, owner) != null) {
        Polling.pause();
      }
      return () -> owners.remove(lock, owner);
    }

    @Override
    public void close() {}
  }

  private record Running() implements Server {

    @Override
    public String description() {
      return "memory of this JVM";
    }

    @Override
    public String uri() {
      return "memory:" + NAME;
    }

    @Override
    public OptionalLong operations() {
      return OptionalLong.of(MemoryLocks.named(NAME).operations());
    }

    @Override
    public void close() {}
  }
}
