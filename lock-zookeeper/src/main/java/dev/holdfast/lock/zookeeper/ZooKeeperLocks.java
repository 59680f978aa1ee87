package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.LockBackendFactory;
import org.apache.curator.framework.CuratorFramework;

/**
 * Locks in ZooKeeper (server 3.8 or newer): {@code LockClient.connect("zookeeper://h1,h2,h3")}, or
 * {@code LockClient.over(ZooKeeperLocks.over(curatorFramework))}.
 *
 * <p>A lock is a directory with one ephemeral sequential node per claim, {@code
 * /holdfast/locks/<name>/_c_<uuid>-lock-<number>}, as Curator's {@code InterProcessMutex} on the
 * same path makes them: both exclude each other. The client's lease is the session's timeout; the
 * server may negotiate another one than was asked for. The fencing token is the node's czxid.
 */
public final class ZooKeeperLocks {

  private ZooKeeperLocks() {}

  /** Locks over the application's framework, with default options. */
  public static LockBackendFactory over(CuratorFramework framework) {
    return over(framework, ZooKeeperLockOptions.defaults());
  }

  /**
   * Locks over the application's framework, in its namespace. It must have been started, is never
   * closed, and must stay open for as long as its locks are used. Its session timeout counts, and
   * must be at least half of the client's lease.
   *
   * @param options of these the root and the ACL are used; credentials and properties are the
   *     framework's own
   */
  public static LockBackendFactory over(CuratorFramework framework, ZooKeeperLockOptions options) {
    return context -> {
      String namespace = framework.getNamespace();
      String chroot = namespace == null || namespace.isEmpty() ? "" : "/" + namespace;
      return new ZooKeeperBackend(
          new Connection(framework, false, context, options.effectiveAcl()),
          Layout.of(chroot, options.root()),
          context);
    };
  }

  /** Locks in the ensemble at {@code uri}, over a connection of their own. */
  public static LockBackendFactory at(String uri) {
    return at(uri, ZooKeeperLockOptions.defaults());
  }

  /**
   * Locks in the ensemble at {@code uri}, over a connection of their own that is opened at first
   * use.
   *
   * @param uri {@code
   *     zookeeper://[user:password@]host[:port][,host[:port]...][/chroot][?parameters]}. The port
   *     is 2181 by default; user and password are for the digest scheme, percent-encoded where need
   *     be; the chroot is created if it is missing. Parameters override {@code options}: {@code
   *     root}, {@code tls=true}, and {@code keyStore}, {@code keyStorePassword}, {@code
   *     trustStore}, {@code trustStorePassword}, {@code hostnameVerification} for it
   * @throws dev.holdfast.lock.LockConfigurationException if the URI is malformed
   */
  public static LockBackendFactory at(String uri, ZooKeeperLockOptions options) {
    ZooKeeperUri parsed = ZooKeeperUri.parse(uri, options);
    return context ->
        new ZooKeeperBackend(
            new Connection(
                OwnFramework.start(parsed, context),
                true,
                context,
                parsed.options().effectiveAcl()),
            Layout.of(parsed.chroot(), parsed.options().root()),
            context);
  }
}
