package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.server.ZooKeeperEnsemble;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import dev.holdfast.lock.testkit.server.ZooKeeperServerOptions;

/**
 * One server and one ensemble for all tests of this JVM that leave them alone; ended with it. Their
 * logs are not synced to the disk, which takes seconds where many tests run at once; no test here
 * takes the power away.
 */
final class Servers {

  private Servers() {}

  private static final class Alone {
    static final ZooKeeperServer SERVER = options().launch();
  }

  private static final class Three {
    static final ZooKeeperEnsemble SERVERS = options().launchEnsemble(3);
  }

  /** For servers of a test's own. */
  static ZooKeeperServerOptions options() {
    return ZooKeeperServer.options().property("zookeeper.forceSync", "no");
  }

  static ZooKeeperServer alone() {
    return Alone.SERVER;
  }

  /** A member of the ensemble that is not its leader. */
  static ZooKeeperServer follower() {
    return Three.SERVERS.follower();
  }
}
