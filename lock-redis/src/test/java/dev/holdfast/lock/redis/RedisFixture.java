package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** One server for the contract: clients come through a proxy, the fixture itself directly. */
final class RedisFixture implements LockFixture {

  private final RedisServer server;
  private final FaultProxy proxy;
  private final Admin admin;
  private final String uri;
  private final LockBackendFactory clients;

  RedisFixture(RedisServer server) {
    this.server = server;
    this.proxy = FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
    this.admin = Admin.of(server.uri());
    this.uri = server.uri("127.0.0.1", proxy.port());
    this.clients = RedisLocks.at(uri);
    warmUp();
  }

  /** What a first client loads is loaded, and the server passes for old: no test measures that. */
  private void warmUp() {
    for (int leases : new int[] {1, 2, 5}) {
      admin.introduce(lease().multipliedBy(leases));
    }
    LockClientOptions options = LockClientOptions.builder().lease(lease()).build();
    try (LockClient client = LockClient.over(clients, options)) {
      client.lock("warm up").run(held -> {});
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
    admin.commands().del(name);
  }

  /**
   * Locks and places in queues. The last token of a name goes a lease later: {@link ScriptsTest}.
   */
  @Override
  public OptionalLong residue() {
    return OptionalLong.of(Admin.residue(admin.commands().keys("*")));
  }

  @Override
  public OptionalLong operations() {
    return OptionalLong.of(admin.scriptsRun());
  }

  @Override
  public boolean delayReplies(Duration by) {
    if (by.isZero()) {
      proxy.heal();
    } else {
      proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
    }
    return true;
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
    return Optional.of(uri);
  }

  /** Netty's, one per JVM; it ends by itself a second after its last use. */
  @Override
  public boolean isOwnThread(Thread thread) {
    return Admin.isThread(thread) || thread.getName().startsWith("globalEventExecutor");
  }

  /** R3: all clients are closed by now, so none of their connections and channels may be there. */
  @Override
  public void close() {
    proxy.close();
    Await.until("the end of all connections", Duration.ofSeconds(10), () -> admin.clients() == 1);
    Await.until("the end of all channels", Duration.ofSeconds(10), () -> admin.channels() == 0);
    admin.close();
  }
}
