package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.server.ZooKeeperEnsemble;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Power over that one of three servers which the holders speak to: a follower. */
final class EnsembleMemberControl implements ServerControl {

  private final ZooKeeperEnsemble ensemble =
      ZooKeeperServer.options().set("tickTime", "1000").set("syncLimit", "8").launchEnsemble(3);
  private final ZooKeeperServer member = ensemble.follower();

  @Override
  public InetSocketAddress address() {
    return member.address();
  }

  @Override
  public String uri(InetSocketAddress at) {
    return "zookeeper://" + at.getHostString() + ":" + at.getPort();
  }

  @Override
  public String waitersUri() {
    return ensemble.members().stream()
        .filter(other -> other != member)
        .map(ZooKeeperServer::connectString)
        .collect(Collectors.joining(",", "zookeeper://", ""));
  }

  @Override
  public Duration lease() {
    return ZooKeeperControl.SESSION;
  }

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

  /** A frozen member is a matter of {@link EnsembleFaultTest}. */
  @Override
  public Set<Power> powers() {
    return EnumSet.of(Power.KILL, Power.ISOLATE);
  }

  @Override
  public void kill() {
    member.kill();
  }

  @Override
  public void start() {
    member.start();
    ensemble.awaitAll();
  }

  @Override
  public void isolate() {
    ensemble.cutOff(member);
  }

  @Override
  public void rejoin() {
    ensemble.heal();
    ensemble.awaitAll();
  }

  @Override
  public void close() {
    ensemble.close();
  }
}
