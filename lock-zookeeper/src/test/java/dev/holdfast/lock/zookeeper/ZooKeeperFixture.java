package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;

/**
 * ZooKeeper for the contract: each client comes through a proxy of its own, which is held up when
 * the client's line is, so that its session ends as that of a client that was cut off.
 */
class ZooKeeperFixture implements LockFixture {

  private final ZooKeeperServer server;
  private final Layout layout;
  private final Set<FaultProxy> proxies = ConcurrentHashMap.newKeySet();
  private final ZooKeeper admin;
  private volatile Duration delay = Duration.ZERO;

  ZooKeeperFixture(ZooKeeperServer server) throws Exception {
    this(server, Layout.of("", "/holdfast"));
  }

  /** For backends that keep their nodes elsewhere. */
  ZooKeeperFixture(ZooKeeperServer server, Layout layout) throws Exception {
    this.server = server;
    this.layout = layout;
    this.admin = connect(server.connectString());
  }

  static ZooKeeper connect(String servers) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper zk =
        new ZooKeeper(
            servers,
            30_000,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    if (!connected.await(20, TimeUnit.SECONDS)) {
      throw new AssertionError("no connection to " + servers);
    }
    return zk;
  }

  @Override
  public LockBackendFactory connect() {
    return connect(new Faults());
  }

  @Override
  public LockBackendFactory connect(Faults line) {
    return context -> open(line, context);
  }

  private LockBackend open(Faults line, BackendContext context) {
    FaultProxy proxy = FaultProxy.to(server.address());
    proxies.add(proxy);
    slow(proxy);
    line.follow(
        interrupted -> {
          if (interrupted) {
            proxy.stall(Direction.CLIENT_TO_SERVER); // answers the line itself holds back
          } else if (proxies.contains(proxy)) {
            proxy.heal();
            slow(proxy);
          }
        });
    LockBackend inner = factory("127.0.0.1:" + proxy.port()).open(context);
    return new ProxiedBackend(
        inner,
        () -> {
          proxies.remove(proxy);
          proxy.close();
        });
  }

  /** The backend under test. */
  LockBackendFactory factory(String servers) {
    return ZooKeeperLocks.at("zookeeper://" + servers);
  }

  private void slow(FaultProxy proxy) {
    if (!delay.isZero()) {
      proxy.delay(delay, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
    }
  }

  @Override
  public boolean delayReplies(Duration by) {
    delay = by;
    for (FaultProxy proxy : proxies) {
      proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
    }
    return true;
  }

  /** A grant is trusted for 5/12 of it: with 2 s, stalls of a loaded machine would cost locks. */
  @Override
  public Duration lease() {
    return Duration.ofSeconds(3);
  }

  /** The trust of a grant after an idle time, which the pace of renewals follows at first. */
  @Override
  public Duration trust() {
    return lease().multipliedBy(5).dividedBy(12);
  }

  @Override
  public void deleteRecord(String name) throws Exception {
    String directory = layout.directory(name);
    try {
      List<String> nodes = Contenders.of(admin.getChildren(directory, false)).names();
      if (!nodes.isEmpty()) {
        admin.delete(directory + "/" + nodes.get(0), -1);
      }
    } catch (KeeperException.NoNodeException e) {
      // released at this very moment, or nobody has asked for it so far
    }
  }

  /** Nodes that end with a session, but for clients' beacons, and the sessions themselves. */
  @Override
  public OptionalLong residue() throws Exception {
    return OptionalLong.of(
        server.metric("zk_ephemerals_count")
            - beacons()
            + server.metric("zk_global_sessions")
            + server.metric("zk_num_alive_connections"));
  }

  private int beacons() throws Exception {
    try {
      return admin.getChildren(layout.clients(), false).size();
    } catch (KeeperException.NoNodeException e) {
      return 0;
    }
  }

  @Override
  public OptionalLong operations() {
    return OptionalLong.of(server.metric("zk_packets_received") + server.metric("zk_packets_sent"));
  }

  @Override
  public boolean restartStore() {
    if (!server.isControllable()) {
      return false;
    }
    server.restart();
    return true;
  }

  @Override
  public Optional<String> uri() {
    return Optional.of("zookeeper://" + server.connectString());
  }

  @Override
  public boolean isOwnThread(Thread thread) {
    return thread.getName().startsWith("holdfast-proxy");
  }

  @Override
  public void close() throws Exception {
    admin.close();
    proxies.forEach(FaultProxy::close);
  }
}
