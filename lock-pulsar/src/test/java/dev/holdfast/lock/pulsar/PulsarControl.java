package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.contract.FaultPath;
import dev.holdfast.lock.testkit.contract.OneServer;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.server.PulsarServer;
import dev.holdfast.lock.testkit.server.PulsarServerOptions;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Power over one Pulsar. A broker must know the proxies before it from its start, and tells clients
 * that come through one to stay there; so ways are lent, and come back.
 */
final class PulsarControl extends OneServer {

  /** As many as the fault contract tries at once, two for each, and one to look at. */
  private static final int WAYS = 9;

  private final Queue<FaultProxy> ways;

  private PulsarControl(PulsarServer server, Optional<WallClock> clock) {
    super(server, PulsarControl::uriOf, clock);
    this.ways = new ConcurrentLinkedQueue<>(server.proxies());
  }

  static ServerControl launch() {
    Optional<WallClock> clock = WallClock.create();
    PulsarServerOptions options = PulsarServer.options().proxies(WAYS);
    clock.ifPresent(own -> own.environment().forEach(options::environment));
    return new PulsarControl(options.launchOwn(), clock);
  }

  private static String uriOf(InetSocketAddress at) {
    return "pulsar://" + at.getHostString() + ":" + at.getPort() + "/public/default";
  }

  @Override
  public FaultPath path() {
    FaultProxy way = ways.remove();
    return FaultPath.through(way, uriOf(way.address()), () -> giveBack(way));
  }

  private void giveBack(FaultProxy way) {
    way.heal();
    way.reset();
    ways.add(way);
  }

  /** The broker syncs each record to its disk, with all else that syncs there. */
  @Override
  public Duration lease() {
    return Duration.ofSeconds(3);
  }

  /** The longest pause that our clients make between attempts to connect. */
  @Override
  public Duration reconnect() {
    return Duration.ofSeconds(1);
  }
}
