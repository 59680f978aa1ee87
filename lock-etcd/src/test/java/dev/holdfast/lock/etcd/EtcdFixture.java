package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.EtcdServer;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An etcd for the contract: clients come through proxies, the fixture itself directly. */
class EtcdFixture implements LockFixture {

  static final String PREFIX = "contract";

  private final List<EtcdServer> servers;
  private final List<FaultProxy> proxies;
  private final Client operator;
  private final String uri;

  EtcdFixture(List<EtcdServer> servers) {
    this.servers = servers;
    this.proxies = servers.stream().map(s -> FaultProxy.to(s.address())).toList();
    this.operator =
        Client.builder()
            .endpoints(servers.stream().map(EtcdServer::endpoint).toArray(String[]::new))
            .build();
    this.uri =
        proxies.stream()
            .map(proxy -> "127.0.0.1:" + proxy.port())
            .collect(Collectors.joining(",", "etcd://", "/" + PREFIX));
    warmUp();
  }

  /** Loads what a first client loads: no test measures that. */
  private void warmUp() {
    try (LockClient client = LockClient.over(connect())) {
      client.lock("warm up").run(held -> {});
      keys(PREFIX);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public LockBackendFactory connect() {
    return EtcdLocks.at(uri);
  }

  @Override
  public Optional<String> uri() {
    return Optional.of(uri);
  }

  private List<KeyValue> keys(String prefix) throws Exception {
    return operator
        .getKVClient()
        .get(EtcdKeys.bytes(prefix), GetOption.builder().isPrefix(true).build())
        .get(10, TimeUnit.SECONDS)
        .getKvs();
  }

  @Override
  public void deleteRecord(String name) throws Exception {
    Optional<ByteSequence> holder =
        keys(new EtcdKeys(PREFIX, "operator").lock(name) + "/").stream()
            .min(Comparator.comparingLong(KeyValue::getCreateRevision))
            .map(KeyValue::getKey);
    if (holder.isPresent()) { // else it was released just now
      operator.getKVClient().delete(holder.get()).get(10, TimeUnit.SECONDS);
    }
  }

  /** Keys of those who hold or wait; switches and records are meant to stay. */
  @Override
  public OptionalLong residue() throws Exception {
    return OptionalLong.of(
        keys(PREFIX).stream()
            .map(kv -> EtcdKeys.text(kv.getKey()))
            .filter(key -> key.indexOf('/', PREFIX.length() + 1) > 0)
            .count());
  }

  /** All requests but plain reads, which only the fixture makes; a stream counts as one. */
  @Override
  public OptionalLong operations() throws IOException {
    double all = 0;
    for (EtcdServer server : servers) {
      all += server.metric("grpc_server_started_total", labels -> !labels.contains("\"Range\""));
    }
    return OptionalLong.of((long) all);
  }

  @Override
  public boolean delayReplies(Duration by) {
    for (FaultProxy proxy : proxies) {
      if (by.isZero()) {
        proxy.heal();
      } else {
        proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
      }
    }
    return true;
  }

  @Override
  public boolean restartStore() {
    if (!servers.get(0).isControllable()) {
      return false;
    }
    servers.get(0).restart();
    return true;
  }

  /** Those of the fixture's own client, and what all gRPC channels of a JVM share. */
  @Override
  public boolean isOwnThread(Thread thread) {
    return Stream.of("jetcd-", "grpc-", "vert.x", "FailsafeDelayScheduler")
        .anyMatch(thread.getName()::startsWith);
  }

  /** R3: all clients are closed by now, so none of their connections may be there. */
  @Override
  public void close() {
    Await.until(
        "the end of all connections",
        Duration.ofSeconds(10),
        () -> proxies.stream().allMatch(proxy -> proxy.openConnections() == 0));
    proxies.forEach(FaultProxy::close);
    operator.close();
  }
}
