package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.imps.CuratorFrameworkState;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.client.ZKClientConfig;

/** Each client works over a framework of the application's, in its namespace. */
final class LentFixture extends ZooKeeperFixture {

  private static final String NAMESPACE = "lent";

  LentFixture() throws Exception {
    super(Servers.alone(), Layout.of("/" + NAMESPACE, "/holdfast"));
  }

  @Override
  LockBackendFactory factory(String servers) {
    return context -> {
      CuratorFramework lent = framework(servers, (int) context.options().lease().toMillis());
      LockBackend backend = ZooKeeperLocks.over(lent).open(context);
      return new ProxiedBackend(
          backend,
          () -> {
            assertThat(lent.getState()).as("never ours").isEqualTo(CuratorFrameworkState.STARTED);
            lent.close();
          });
    };
  }

  private static CuratorFramework framework(String servers, int session) {
    ZKClientConfig config = new ZKClientConfig();
    config.setProperty(ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT, "300"); // to end with it gone
    CuratorFramework framework =
        CuratorFrameworkFactory.builder()
            .connectString(servers)
            .namespace(NAMESPACE)
            .sessionTimeoutMs(session)
            .connectionTimeoutMs(session)
            .retryPolicy(new RetryOneTime(100))
            .ensembleTracker(false)
            .zkClientConfig(config)
            .build();
    framework.start();
    return framework;
  }

  /** Another process has no framework of ours. */
  @Override
  public Optional<String> uri() {
    return Optional.empty();
  }
}
