package dev.holdfast.lock.benchmarks;

import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.ExponentialBackoffRetry;

/** Curator's InterProcessMutex: one per acquisition, for it is bound to threads. */
final class CuratorSubject implements Subject {

  private final CuratorFramework curator;

  CuratorSubject(String uri) throws Exception {
    curator =
        CuratorFrameworkFactory.builder()
            .connectString(ZooKeeperKind.servers(uri))
            .sessionTimeoutMs(15_000)
            .retryPolicy(new ExponentialBackoffRetry(100, 3))
            .build();
    curator.start();
    if (!curator.blockUntilConnected(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("no connection to " + uri);
    }
  }

  @Override
  public Held acquire(String lock) throws Exception {
    InterProcessMutex mutex = new InterProcessMutex(curator, "/curator/" + lock);
    mutex.acquire();
    return () -> release(mutex);
  }

  /** A thread that is not the owner may not release: then the node is deleted as that would. */
  private boolean release(InterProcessMutex mutex) throws Exception {
    if (mutex.isOwnedByCurrentThread()) {
      mutex.release();
    } else {
      curator.delete().guaranteed().forPath(mutex.getParticipantNodes().iterator().next());
    }
    return true;
  }

  @Override
  public void close() {
    curator.close();
  }
}
