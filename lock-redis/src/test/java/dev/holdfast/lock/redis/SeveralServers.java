package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.server.RedisCluster;
import dev.holdfast.lock.testkit.server.RedisSentinels;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Servers behind Sentinels, or in a cluster, for the contract. There is no proxy before them, for
 * clients go where Sentinels and nodes send them: what needs slow answers is tested on one server.
 */
final class SeveralServers implements LockFixture {

  private final String uri;
  private final Supplier<List<RedisServer>> masters;
  private final Function<String, RedisServer> masterOf;
  private final LockBackendFactory clients;
  private final boolean restarts;

  private SeveralServers(
      String uri,
      Supplier<List<RedisServer>> masters,
      Function<String, RedisServer> masterOf,
      boolean restarts) {
    this.uri = uri;
    this.masters = masters;
    this.masterOf = masterOf;
    this.restarts = restarts;
    this.clients = RedisLocks.at(uri);
    warmUp();
  }

  static SeveralServers behind(RedisSentinels sentinels) {
    return new SeveralServers(
        sentinels.uri(), () -> List.of(sentinels.master()), name -> sentinels.master(), true);
  }

  static SeveralServers in(RedisCluster cluster) {
    return new SeveralServers(cluster.uri(), cluster::nodes, cluster::masterOf, false);
  }

  private void warmUp() {
    for (int leases : new int[] {1, 2, 5}) {
      for (Script script : Scripts.of(lease().multipliedBy(leases)).granting()) {
        masters.get().forEach(server -> server.cli("SCRIPT", "LOAD", script.text()));
      }
    }
    LockClientOptions options = LockClientOptions.builder().lease(lease()).build();
    try (LockClient client = LockClient.over(clients, options)) {
      for (int i = 0; i < 30; i++) { // every master will be among them
        client.lock("warm up " + i).run(held -> {});
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public LockBackendFactory connect() {
    return clients;
  }

  @Override
  public void deleteRecord(String name) {
    masterOf.apply(name).cli("DEL", name);
  }

  /** Replicas have the same keys once more, and that does no harm. */
  @Override
  public OptionalLong residue() {
    return OptionalLong.of(
        masters.get().stream()
            .mapToLong(server -> Admin.residue(server.cli("KEYS", "*").lines().toList()))
            .sum());
  }

  @Override
  public OptionalLong operations() {
    return OptionalLong.of(
        masters.get().stream()
            .mapToLong(server -> Admin.scriptsRun(server.cli("INFO", "commandstats")))
            .sum());
  }

  @Override
  public boolean restartStore() {
    if (restarts) {
      masters.get().get(0).restart();
    }
    return restarts;
  }

  @Override
  public Optional<String> uri() {
    return Optional.of(uri);
  }

  @Override
  public boolean isOwnThread(Thread thread) {
    return thread.getName().startsWith("globalEventExecutor");
  }
}
