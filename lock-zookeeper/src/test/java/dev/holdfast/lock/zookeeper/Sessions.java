package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/** Ends sessions of others: by joining them, for which the server wants their password. */
final class Sessions {

  /** The server derives passwords from the session's number, with this; no other secret. */
  private static final long SECRET = 0xB3415C00L;

  private Sessions() {}

  /** Returns when the server has ended it, or knows of none. */
  static void close(ZooKeeperServer server, long session) throws Exception {
    byte[] password = new byte[16];
    new Random(session ^ SECRET).nextBytes(password);
    CountDownLatch joined = new CountDownLatch(1);
    ZooKeeper intruder =
        new ZooKeeper(
            server.connectString(),
            10_000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected
                  || event.getState() == KeeperState.Expired) {
                joined.countDown();
              }
            },
            session,
            password);
    if (!joined.await(10, TimeUnit.SECONDS)) {
      throw new AssertionError("could not join session 0x" + Long.toHexString(session));
    }
    intruder.close();
  }
}
