package dev.holdfast.lock.benchmarks;

import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Redisson's lock, as an application uses it, with its defaults. */
final class RedissonSubject implements Subject {

  private final RedissonClient client;

  RedissonSubject(String uri) {
    Config config = new Config();
    config.useSingleServer().setAddress(uri);
    client = Redisson.create(config);
  }

  /**
   * It belongs to the thread that acquires it: for another to release it, that one must be named.
   */
  @Override
  public Held acquire(String name) {
    RLock lock = client.getLock("redisson:" + name);
    lock.lock();
    Thread owner = Thread.currentThread();
    return () -> {
      if (Thread.currentThread() == owner) {
        lock.unlock();
      } else {
        var unused = lock.unlockAsync(owner.getId()).toCompletableFuture().get();
      }
      return true;
    };
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
