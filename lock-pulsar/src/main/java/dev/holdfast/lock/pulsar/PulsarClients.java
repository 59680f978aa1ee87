package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockConfigurationException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.ClientBuilder;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.impl.PulsarClientImpl;

/** Makes the clients that are our own. */
final class PulsarClients {

  /** A connection that is silent for twice as long is replaced; Pulsar's own default is 30 s. */
  private static final int KEEP_ALIVE_SECONDS = 3;

  /** The longest pause between attempts to connect; Pulsar's own default is a minute. */
  private static final int LONGEST_PAUSE_MILLIS = 1_000;

  private static final int CONNECT_SECONDS = 3;

  private PulsarClients() {}

  static PulsarClient open(String serviceUrl, PulsarLockOptions options) {
    try {
      ClientBuilder builder =
          PulsarClient.builder()
              .loadConf(Map.of("statsIntervalSeconds", 0)) // else it logs figures of each lock
              .serviceUrl(serviceUrl)
              .ioThreads(1)
              .listenerThreads(1)
              .keepAliveInterval(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
              .connectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
              .startingBackoffInterval(50, TimeUnit.MILLISECONDS)
              .maxBackoffInterval(LONGEST_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      options
          .token()
          .ifPresent(token -> builder.authentication(AuthenticationFactory.token(token)));
      if (serviceUrl.startsWith("pulsar+ssl:")) {
        encrypt(builder, options);
      }
      return builder.build();
    } catch (PulsarClientException | IllegalArgumentException e) {
      throw new LockConfigurationException(
          "cannot use %s: %s".formatted(serviceUrl, e.getMessage()), e, null, "pulsar");
    }
  }

  /**
   * Ends a client of ours with all of its threads, whose topics were left before; blocks for some
   * milliseconds.
   *
   * <p>Left to itself it would wait two seconds for its connections to have nothing to do, so they
   * are told to end now.
   */
  static void end(PulsarClient client) {
    try {
      if (client instanceof PulsarClientImpl known) {
        var unused = known.eventLoopGroup().shutdownGracefully(0, 1, TimeUnit.SECONDS);
      }
      client.shutdown();
    } catch (PulsarClientException e) {
      // Whatever it could not end in order has been ended without.
    }
  }

  private static void encrypt(ClientBuilder builder, PulsarLockOptions options)
      throws PulsarClientException {
    PulsarLockOptions.Tls tls = options.tls();
    builder.enableTlsHostnameVerification(tls.checkHost());
    tls.authorities().ifPresent(builder::tlsTrustCertsFilePath);
    if (tls.certificate().isPresent()) {
      String certificate = tls.certificate().get();
      String key = tls.key().orElseThrow();
      builder.tlsCertificateFilePath(certificate).tlsKeyFilePath(key);
      if (options.token().isEmpty()) {
        builder.authentication(
            "org.apache.pulsar.client.impl.auth.AuthenticationTls",
            Map.of("tlsCertFile", certificate, "tlsKeyFile", key));
      }
    }
  }
}
