package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.LockBackendFactory;
import io.etcd.jetcd.Client;
import java.net.URI;
import java.util.List;

/**
 * Locks in etcd, 3.4 or newer: {@code LockClient.over(EtcdLocks.over(client))}, or {@code
 * LockClient.connect("etcd://host:2379")}.
 *
 * <p>Whoever holds or waits for the lock {@code name} has a key below {@code <prefix>/<name>/},
 * under a lease of its client; the oldest has the lock, and {@code etcdctl lock <prefix>/<name>}
 * and jetcd's own {@code Lock} compete with it. {@code etcdctl get --prefix <prefix>/<name>/
 * --sort-by=CREATE} shows who has it, first, and who waits.
 */
public final class EtcdLocks {

  private EtcdLocks() {}

  /** Locks over the application's client, with default options; it is never closed. */
  public static LockBackendFactory over(Client client) {
    return over(client, EtcdLockOptions.defaults());
  }

  /**
   * Locks over the application's client; it is never closed. How it connects, logs in and encrypts
   * is its own matter; so is how fast it finds back after an outage: gRPC tries to connect at
   * growing intervals, up to two minutes, which a client that is opened {@linkplain #at for
   * addresses} here does not wait for. With more than some 40,000 locks held its {@code
   * maxInboundMessageSize} must be raised, or deleted keys are not noticed any more.
   */
  public static LockBackendFactory over(Client client, EtcdLockOptions options) {
    return context ->
        new EtcdBackend(
            Etcd.lent(client, context.ticker(), context.workers()),
            new EtcdKeys(options.keyPrefix(), context.clientId()),
            context);
  }

  /**
   * Locks in the etcd at {@code uri}, over a client of their own.
   *
   * @param uri {@code etcd://[user:password@]host[:2379][,host...][/prefix]}; {@code etcds://} for
   *     TLS with the certificate authorities of the JVM. User and password are percent-encoded
   * @throws dev.holdfast.lock.LockConfigurationException if it is malformed
   */
  public static LockBackendFactory at(String uri) {
    return at(uri, EtcdLockOptions.defaults());
  }

  /**
   * Locks in the etcd at {@code uri}, over a client of their own; what the URI says of prefix, user
   * and password comes before the options.
   *
   * @throws dev.holdfast.lock.LockConfigurationException if it is malformed
   */
  public static LockBackendFactory at(String uri, EtcdLockOptions options) {
    EtcdUri parsed = EtcdUri.parse(uri, options);
    List<URI> endpoints = parsed.endpoints();
    return context -> {
      EtcdClients.check(parsed.options());
      return new EtcdBackend(
          Etcd.own(
              () -> EtcdClients.open(endpoints, parsed.options()),
              endpoints.size(),
              context.ticker(),
              context.workers()),
          new EtcdKeys(parsed.options().keyPrefix(), context.clientId()),
          context);
    };
  }
}
