package dev.holdfast.lock.benchmarks;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/**
 * The barest lock in ZooKeeper: a node per claim, created and listed back to back, the one before
 * it watched. It tells nobody of a loss, and names nobody.
 */
final class ZooKeeperLimit implements Subject {

  private static final byte[] EMPTY = {};

  private final ZooKeeper zk;
  private final Set<String> directories = ConcurrentHashMap.newKeySet();

  ZooKeeperLimit(String uri) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    zk =
        new ZooKeeper(
            ZooKeeperKind.servers(uri),
            15_000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    connected.await();
    create("/limit");
  }

  private void create(String directory) throws Exception {
    try {
      zk.create(directory, EMPTY, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    } catch (KeeperException.NodeExistsException e) {
      // of another process
    }
  }

  @Override
  public Held acquire(String lock) throws Exception {
    String directory = "/limit/" + lock;
    if (!directories.contains(directory)) {
      create(directory); // known only when it is there: another thread may want it too
      directories.add(directory);
    }
    CompletableFuture<String> own = new CompletableFuture<>();
    CompletableFuture<List<String>> children = new CompletableFuture<>();
    zk.create(
        directory + "/lock-",
        EMPTY,
        Ids.OPEN_ACL_UNSAFE,
        CreateMode.EPHEMERAL_SEQUENTIAL,
        (rc, path, context, name, stat) -> complete(own, rc, path, name),
        null);
    list(directory, children);
    String path = own.get();
    String name = path.substring(directory.length() + 1);
    List<String> names = children.get();
    while (true) {
      String before =
          names.stream()
              .filter(each -> each.compareTo(name) < 0)
              .max(Comparator.naturalOrder())
              .orElse(null);
      if (before == null) {
        return () -> release(path);
      }
      CountDownLatch gone = new CountDownLatch(1);
      if (zk.exists(directory + "/" + before, event -> gone.countDown()) != null) {
        gone.await();
      }
      names = zk.getChildren(directory, false);
    }
  }

  private void list(String directory, CompletableFuture<List<String>> answer) {
    zk.getChildren(
        directory, false, (rc, path, context, names) -> complete(answer, rc, path, names), null);
  }

  private static <T> void complete(CompletableFuture<T> answer, int rc, String path, T value) {
    if (rc == Code.OK.intValue()) {
      answer.complete(value);
    } else {
      answer.completeExceptionally(KeeperException.create(Code.get(rc), path));
    }
  }

  private boolean release(String path) throws Exception {
    CompletableFuture<Boolean> deleted = new CompletableFuture<>();
    zk.delete(path, -1, (rc, asked, context) -> complete(deleted, rc, asked, true), null);
    return deleted.get();
  }

  @Override
  public void close() throws Exception {
    zk.close();
  }
}
