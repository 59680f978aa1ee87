package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.OneServer;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import dev.holdfast.lock.testkit.server.ZooKeeperServerOptions;
import java.time.Duration;
import java.util.Optional;

/** Power over one ZooKeeper. */
final class ZooKeeperControl extends OneServer {

  static final Duration SESSION = Duration.ofSeconds(5);

  private ZooKeeperControl(ZooKeeperServer server, Optional<WallClock> clock) {
    super(server, at -> "zookeeper://" + at.getHostString() + ":" + at.getPort(), clock);
  }

  static ServerControl alone() {
    Optional<WallClock> clock = WallClock.create();
    ZooKeeperServerOptions options = ZooKeeperServer.options();
    clock.ifPresent(own -> own.environment().forEach(options::environment));
    return new ZooKeeperControl(options.launchOwn(), clock);
  }

  /** A session's timeout. */
  @Override
  public Duration lease() {
    return SESSION;
  }

  /** Of a grant; renewals are trusted for more. */
  @Override
  public Duration trust() {
    return lease().multipliedBy(5).dividedBy(12);
  }

  /**
   * To notice it, too; ZooKeeper's client waits up to a second before each but its first attempt.
   */
  @Override
  public Duration reconnect() {
    return Duration.ofSeconds(2);
  }
}
