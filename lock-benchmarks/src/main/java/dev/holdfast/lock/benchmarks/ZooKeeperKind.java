package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.util.List;
import java.util.OptionalLong;

/** ZooKeeper with its log synced; the limit is create and getChildren back to back, and delete. */
final class ZooKeeperKind implements StoreKind {

  @Override
  public String name() {
    return "zookeeper";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(
        Contender.limit(ZooKeeperLimit::new),
        Contender.HOLDFAST,
        new Contender("Curator", CuratorSubject::new));
  }

  @Override
  public Server start() {
    return new Running(ZooKeeperServer.options().set("tickTime", "2000").launch());
  }

  /** {@code host:port} of a URI as {@link Server#uri} gives it. */
  static String servers(String uri) {
    return uri.substring("zookeeper://".length());
  }

  private record Running(ZooKeeperServer zooKeeper) implements Server {

    @Override
    public String description() {
      return zooKeeper.description();
    }

    @Override
    public String uri() {
      return "zookeeper://" + zooKeeper.connectString();
    }

    @Override
    public OptionalLong operations() {
      return OptionalLong.of(zooKeeper.metric("zk_packets_received"));
    }

    @Override
    public void close() {
      zooKeeper.close();
    }
  }
}
