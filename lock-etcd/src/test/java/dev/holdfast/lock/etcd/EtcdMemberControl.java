package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.server.EtcdCluster;
import dev.holdfast.lock.testkit.server.EtcdServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/** Power over that one of three etcds which the holders speak to: their leader, at the start. */
final class EtcdMemberControl implements ServerControl {

  private final EtcdCluster cluster = EtcdCluster.launch(3, EtcdServer.options());
  private final EtcdServer member = cluster.leader();

  @Override
  public InetSocketAddress address() {
    return member.address();
  }

  @Override
  public String uri(InetSocketAddress at) {
    return "etcd://" + at.getHostString() + ":" + at.getPort() + "/faults";
  }

  @Override
  public String waitersUri() {
    return cluster.members().stream()
        .filter(other -> other != member)
        .map(other -> other.host() + ":" + other.port())
        .collect(Collectors.joining(",", "etcd://", "/faults"));
  }

  /** An election takes one to two seconds, in which nothing is renewed. */
  @Override
  public Duration lease() {
    return Duration.ofSeconds(4);
  }

  /**
   * Frozen members are a matter of {@link EtcdClusterFaultTest}, isolated ones of {@link Islands}.
   */
  @Override
  public Set<Power> powers() {
    return EnumSet.of(Power.KILL);
  }

  @Override
  public void kill() {
    member.kill();
  }

  @Override
  public void start() {
    member.start();
    cluster.awaitHealthy();
  }

  @Override
  public void close() {
    cluster.close();
  }
}
