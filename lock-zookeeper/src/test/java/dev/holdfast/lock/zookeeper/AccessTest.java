package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import dev.holdfast.lock.testkit.server.ZooKeeperServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may, where, and over which line: digest and ACLs, chroots, TLS. */
class AccessTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final ZooKeeperServer server = Servers.alone();

  private static LockClient client(String uri) {
    return LockClient.over(
        ZooKeeperLocks.at(uri),
        LockClientOptions.builder()
            .lease(Duration.ofSeconds(4))
            .operationTimeout(Duration.ofSeconds(5))
            .build());
  }

  /** With credentials the nodes are the creator's alone; without them the lock is refused. */
  @Test
  void digest_protectsTheNodes() throws Exception {
    String at = "@" + server.connectString() + "/guarded";
    try (LockClient owner = client("zookeeper://me:pass%3Aword" + at);
        LockClient same = client("zookeeper://me:pass%3Aword" + at);
        LockClient stranger = client("zookeeper://you:other" + at)) {
      LockHandle held = owner.lock("x").acquire(LONG);
      Await.until("a renewal", LONG, () -> held.remaining().toMillis() > 1_500);
      assertThat(same.lock("x").tryAcquire()).isEmpty();
      assertThatThrownBy(() -> stranger.lock("x").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContainingAll("'x'", "NOAUTH", "/guarded/holdfast/locks/x", "credentials")
          .hasMessageNotContaining("other");
      assertThatThrownBy(() -> stranger.lock("never used").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("NOAUTH");
      ZooKeeper nobody = ZooKeeperFixture.connect(server.connectString());
      String directory = "/guarded/holdfast/locks/x";
      assertThatThrownBy(() -> nobody.getChildren(directory, false))
          .isInstanceOf(KeeperException.NoAuthException.class);
      nobody.close();
      assertThat(held.isHeld()).isTrue();
      held.close();
      same.lock("x").acquire(LONG).close();
    }
  }

  /**
   * Rights to the locks, but none to the clients' nodes: nothing could be renewed, and who is told?
   */
  @Test
  void clientsNodeThatMayNotBeWritten_isSaid() throws Exception {
    ZooKeeper admin = ZooKeeperFixture.connect(server.connectString());
    for (String each : List.of("/half", "/half/holdfast", "/half/holdfast/locks")) {
      admin.create(each, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }
    String clients = "/half/holdfast/clients";
    admin.create(clients, new byte[0], Ids.READ_ACL_UNSAFE, CreateMode.PERSISTENT);
    try (LockClient client = client("zookeeper://" + server.connectString() + "/half")) {
      LockHandle held = client.lock("x").acquire(LONG);
      Await.until("the end of its first trust", LONG, () -> !held.isHeld());
      assertThatThrownBy(() -> client.lock("x").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContainingAll("'x'", "NOAUTH", clients, "credentials");
      admin.delete(clients, -1); // the next one to ask makes it anew
      LockHandle again = client.lock("x").acquire(LONG);
      Await.until("a renewal", LONG, () -> again.remaining().toMillis() > 1_500);
      again.close();
    } finally {
      admin.close();
    }
  }

  /** An ACL of the application's choice. */
  @Test
  void acl_isTheApplications() throws Exception {
    ZooKeeperLockOptions options =
        ZooKeeperLockOptions.builder()
            .root("/acl")
            .digest("me:secret")
            .acl(List.of(Ids.CREATOR_ALL_ACL.get(0), Ids.READ_ACL_UNSAFE.get(0)))
            .build();
    ZooKeeper nobody = ZooKeeperFixture.connect(server.connectString());
    try (LockClient client =
        LockClient.over(
            ZooKeeperLocks.at("zookeeper://" + server.connectString(), options),
            LockClientOptions.builder().lease(Duration.ofSeconds(4)).build())) {
      LockHandle held = client.lock("x").acquire(LONG);
      List<String> nodes = nobody.getChildren("/acl/locks/x", false);
      assertThat(nodes).hasSize(1);
      List<ACL> acl = nobody.getACL("/acl/locks/x/" + nodes.get(0), null);
      assertThat(acl).hasSize(2);
      assertThatThrownBy(() -> nobody.delete("/acl/locks/x/" + nodes.get(0), -1))
          .isInstanceOf(KeeperException.NoAuthException.class);
      held.close();
    } finally {
      nobody.close();
    }
  }

  /** A chroot in our URI is created; it is another place, and outlives the locks. */
  @Test
  void chroot_isCreated_andSeparates() throws Exception {
    String uri = "zookeeper://" + server.connectString() + "/apps/one";
    try (LockClient one = client(uri);
        LockClient root = client("zookeeper://" + server.connectString())) {
      LockHandle held = one.lock("x").acquire(LONG);
      assertThat(root.lock("x").tryAcquire()).isPresent();
      ZooKeeper admin = ZooKeeperFixture.connect(server.connectString());
      assertThat(admin.getChildren("/apps/one/holdfast/locks/x", false)).hasSize(1);
      assertThat(admin.exists("/apps/one", false).getEphemeralOwner()).isZero();
      admin.close();
      held.close();
    }
  }

  /** A chroot of the application's connection is its own to create; its lack is said. */
  @Test
  void chrootOfALentFramework_mustExist() throws Exception {
    String chroot = "/missing-" + System.nanoTime();
    CuratorFramework lent =
        CuratorFrameworkFactory.builder()
            .connectString(server.connectString() + chroot)
            .sessionTimeoutMs(5_000)
            .connectionTimeoutMs(5_000)
            .retryPolicy(new RetryOneTime(100))
            .build();
    LockClientOptions options = LockClientOptions.builder().lease(Duration.ofSeconds(5)).build();
    try (LockClient client = LockClient.over(ZooKeeperLocks.over(lent), options)) {
      assertThatThrownBy(() -> client.lock("x").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("start it");
      lent.start();
      assertThat(lent.blockUntilConnected(20, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(() -> client.lock("x").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("chroot");
      ZooKeeper admin = ZooKeeperFixture.connect(server.connectString());
      admin.create(chroot, new byte[0], Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
      client.lock("x").acquire(LONG).close();
      assertThat(admin.exists(chroot + "/holdfast/locks/x", false)).isNotNull();
      admin.close();
    } finally {
      lent.close();
    }
  }

  /** TLS, with the server's certificate checked: a stranger's is refused. */
  @Test
  void tls_isSpoken_andTheCertificateIsChecked(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("server.p12");
    Path trust = folder.resolve("trust.p12");
    Path others = folder.resolve("others.p12");
    Keys.pair(keys, "CN=localhost", "server");
    Keys.trust(keys, "server", trust);
    Keys.pair(folder.resolve("x.p12"), "CN=stranger", "stranger");
    Keys.trust(folder.resolve("x.p12"), "stranger", others);
    int port = FreePorts.next();
    try (ZooKeeperServer tls =
        Servers.options()
            .set("secureClientPort", String.valueOf(port))
            .set("secureClientPortAddress", "127.0.0.1")
            .set("serverCnxnFactory", "org.apache.zookeeper.server.NettyServerCnxnFactory")
            .set("ssl.keyStore.location", keys.toString())
            .set("ssl.keyStore.password", Keys.PASSWORD)
            .set("ssl.clientAuth", "none")
            .launchOwn()) {
      assertThat(tls.isRunning()).isTrue();
      String uri =
          "zookeeper://127.0.0.1:%d?tls=true&trustStorePassword=%s&trustStore="
              .formatted(port, Keys.PASSWORD);
      try (LockClient client = client(uri + trust);
          LockClient plain = client("zookeeper://" + tls.connectString());
          LockClient suspicious = client(uri + others)) {
        LockHandle held = client.lock("x").acquire(LONG);
        Await.until("a renewal", LONG, () -> held.remaining().toMillis() > 1_500);
        assertThat(plain.lock("x").tryAcquire()).isEmpty();
        held.close();
        assertThatThrownBy(() -> suspicious.lock("x").tryAcquire())
            .isInstanceOf(dev.holdfast.lock.LockBackendException.class);
      }
    }
  }
}
