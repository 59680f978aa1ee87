package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.LockBackendFactory;
import org.apache.pulsar.client.api.PulsarClient;

/**
 * Locks in Apache Pulsar, 3.0 or newer: {@code LockClient.over(PulsarLocks.over(client))}, or
 * {@code LockClient.connect("pulsar://host:6650/tenant/namespace")}.
 *
 * <p>The lock {@code name} is the topic {@code persistent://tenant/namespace/lock-<name>}, made at
 * its first use. Its messages are plain text and tell the lock's history: {@code pulsar-client
 * consume -s look -p Earliest -n 0 <topic>} shows it. An operator takes a lock away with {@code
 * pulsar-client produce -m REVOKE <topic>}, and switches it off and on with {@code -m OFF} and
 * {@code -m ON}.
 *
 * <p>Names that are not used any more cost nothing: a second after its only use, or {@link
 * PulsarLockOptions#keepWarm()} after its last, a client leaves a topic, the last one takes the
 * subscription {@code holdfast} along, and the broker deletes the topic at its next look for
 * inactive ones (every minute, unless {@code brokerDeleteInactiveTopicsEnabled} is off).
 *
 * <p>A namespace with a message TTL that is shorter than the leases can lose a lock together with
 * its topic's old ledgers when the topic moves to another broker while its holder is cut off: use
 * one without.
 */
public final class PulsarLocks {

  private PulsarLocks() {}

  /** Locks over the application's client, with default options; it is never closed. */
  public static LockBackendFactory over(PulsarClient client) {
    return over(client, PulsarLockOptions.defaults());
  }

  /**
   * Locks over the application's client; it is never closed. How it connects, logs in and encrypts
   * is its own matter; so is how fast it finds back after an outage: by Pulsar's defaults it pauses
   * up to a minute between attempts, which a client that is opened {@linkplain #at for an address}
   * here does not.
   */
  public static LockBackendFactory over(PulsarClient client, PulsarLockOptions options) {
    return context -> new PulsarBackend(client, false, options, context);
  }

  /**
   * Locks in the Pulsar at {@code uri}, over a client of their own.
   *
   * @param uri {@code pulsar://host:6650[,host:6650...][/tenant/namespace]}, or {@code
   *     pulsar+ssl://} for TLS with the certificate authorities of the JVM
   * @throws dev.holdfast.lock.LockConfigurationException if it is malformed, or names a {@code
   *     non-persistent://} topic
   */
  public static LockBackendFactory at(String uri) {
    return at(uri, PulsarLockOptions.defaults());
  }

  /**
   * Locks in the Pulsar at {@code uri}, over a client of their own; what the URI says of tenant and
   * namespace comes before the options.
   *
   * @throws dev.holdfast.lock.LockConfigurationException if it is malformed, or names a {@code
   *     non-persistent://} topic
   */
  public static LockBackendFactory at(String uri, PulsarLockOptions options) {
    PulsarUri parsed = PulsarUri.parse(uri, options);
    return context ->
        new PulsarBackend(
            PulsarClients.open(parsed.serviceUrl(), parsed.options()),
            true,
            parsed.options(),
            context);
  }
}
