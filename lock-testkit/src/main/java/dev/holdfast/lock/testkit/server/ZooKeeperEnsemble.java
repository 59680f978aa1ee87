package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Several ZooKeeper servers that are one store, with a proxy on each way from one to another.
 *
 * <p><b>Promise.</b> What {@link TestServer} says of each member. Members speak with their leader
 * through proxies, so that one can be cut off from the others and still be reached by clients.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class ZooKeeperEnsemble implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * For how long a leader waits for followers. Its choice may fail: they may come before it
   * listens, and then the proxy resets what it has accepted already (without it they would try
   * again). Until the leader gives up nobody else is chosen, so this must be short, whatever a tick
   * is.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** A way between two members. */
  private record Way(int from, int to, FaultProxy proxy) {}

  private final List<ZooKeeperServer> members = new ArrayList<>();
  private final List<Way> ways = new ArrayList<>();

  private ZooKeeperEnsemble() {}

  static ZooKeeperEnsemble start(
      int size, Map<String, String> settings, Map<String, String> properties) {
    ZooKeeperEnsemble ensemble = new ZooKeeperEnsemble();
    try {
      List<Integer> quorum = new ArrayList<>();
      List<Integer> election = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        quorum.add(FreePorts.next());
        election.add(FreePorts.next());
      }
      for (int id = 1; id <= size; id++) {
        Map<String, String> own = new LinkedHashMap<>();
        own.put("syncLimit", "10");
        own.putAll(settings);
        own.putIfAbsent("initLimit", Long.toString(ticks(PATIENCE, own)));
        for (int other = 1; other <= size; other++) {
          int port = ensemble.port(id, other, quorum.get(other - 1));
          own.put(
              "server." + other,
              "%s:%d:%d".formatted(ServerHome.HOST, port, election.get(other - 1)));
        }
        ensemble.members.add(ZooKeeperServer.member(id, own, properties));
      }
      ensemble.awaitAll();
      return ensemble;
    } catch (RuntimeException | Error e) {
      ensemble.close();
      throw e;
    }
  }

  private static long ticks(Duration time, Map<String, String> settings) {
    return Math.max(1, time.toMillis() / Long.parseLong(settings.getOrDefault("tickTime", "2000")));
  }

  /** A member binds its own port, and reaches that of another through a proxy. */
  private int port(int from, int to, int target) {
    if (from == to) {
      return target;
    }
    FaultProxy proxy =
        FaultProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
    ways.add(new Way(from, to, proxy));
    return proxy.port();
  }

  /**
   * The servers.
   *
   * @return all of them, running or not
   */
  public List<ZooKeeperServer> members() {
    return List.copyOf(members);
  }

  /**
   * Where clients connect.
   *
   * @return {@code host:port,host:port,...}
   */
  public String connectString() {
    return members.stream().map(ZooKeeperServer::connectString).collect(Collectors.joining(","));
  }

  /**
   * The present leader.
   *
   * @return the member, waited for
   */
  public ZooKeeperServer leader() {
    return Await.value("a leader", LIMIT, () -> first("leader"));
  }

  /**
   * A present follower.
   *
   * @return the member, waited for
   */
  public ZooKeeperServer follower() {
    return Await.value("a follower", LIMIT, () -> first("follower"));
  }

  private Optional<ZooKeeperServer> first(String mode) {
    return members.stream().filter(member -> member.mode().equals(mode)).findFirst();
  }

  /**
   * Waits until all members serve, under one leader: who wakes may take itself for the leader
   * still, until it hears of the next one.
   */
  public void awaitAll() {
    Await.until(
        "all members to serve",
        LIMIT,
        () -> {
          List<String> modes = members.stream().map(ZooKeeperServer::mode).toList();
          return !modes.contains("none") && modes.stream().filter("leader"::equals).count() == 1;
        });
  }

  /**
   * Cuts a member off from all others; clients reach it as before. What is sent is lost.
   *
   * @param member of this ensemble
   */
  public void cutOff(ZooKeeperServer member) {
    int id = members.indexOf(member) + 1;
    ways.stream()
        .filter(way -> way.from() == id || way.to() == id)
        .forEach(way -> way.proxy().blackHole());
  }

  /** Ends what {@link #cutOff} did. */
  public void heal() {
    ways.forEach(way -> way.proxy().heal());
  }

  /** Ends all servers and proxies; idempotent. */
  @Override
  public void close() {
    members.forEach(ZooKeeperServer::close);
    ways.forEach(way -> way.proxy().close());
  }
}
