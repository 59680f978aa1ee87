package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.BackendContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.zookeeper.client.ZKClientConfig;

/** A CuratorFramework for the locks of one client alone. */
final class OwnFramework {

  private OwnFramework() {}

  static CuratorFramework start(ZooKeeperUri uri, BackendContext context) {
    int session = millis(context.options().lease());
    ZooKeeperLockOptions options = uri.options();
    var builder =
        CuratorFrameworkFactory.builder()
            .connectString(uri.servers())
            .sessionTimeoutMs(session)
            .connectionTimeoutMs(session)
            .retryPolicy(new RetryOneTime(1)) // never used: requests go to the handle itself
            .ensembleTracker(false)
            .zkClientConfig(config(options, context));
    options
        .digest()
        .ifPresent(
            digest -> builder.authorization("digest", digest.getBytes(StandardCharsets.UTF_8)));
    CuratorFramework framework = builder.build();
    framework.start();
    return framework;
  }

  private static ZKClientConfig config(ZooKeeperLockOptions options, BackendContext context) {
    ZKClientConfig config = new ZKClientConfig();
    // Bounds the one request that is waited for: the end of the session.
    int closing = millis(context.options().closeTimeout().dividedBy(2));
    config.setProperty(ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT, String.valueOf(closing));
    options.clientProperties().forEach(config::setProperty);
    return config;
  }

  private static int millis(Duration duration) {
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, duration.toMillis()));
  }
}
