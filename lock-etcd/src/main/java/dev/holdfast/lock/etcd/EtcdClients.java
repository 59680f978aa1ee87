package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockConfigurationException;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLException;

/** Opens jetcd clients of our own. */
final class EtcdClients {

  /** A server that does not take a connection by then is passed over for another. */
  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** The shortest that gRPC for Java sends pings at; etcd allows one every 5 s. */
  private static final Duration PING_AFTER = Duration.ofSeconds(10);

  private static final Duration PING_WITHIN = Duration.ofSeconds(2);

  /** The keys of some 500,000 held locks in one answer; gRPC's own limit is 4 MB. */
  private static final int MOST_BYTES = 64 << 20;

  private EtcdClients() {}

  /**
   * Refuses now what would fail at every connection.
   *
   * @throws LockConfigurationException if the files for TLS cannot be used
   */
  static void check(EtcdLockOptions options) {
    options.tls().ifPresent(EtcdClients::context);
  }

  /** Fails at once while no server can be reached, instead of keeping requests for later. */
  static Client open(List<URI> endpoints, EtcdLockOptions options) {
    ClientBuilder builder =
        Client.builder()
            .endpoints(endpoints)
            .waitForReady(false)
            .connectTimeout(CONNECT)
            .keepaliveTime(PING_AFTER)
            .keepaliveTimeout(PING_WITHIN)
            .maxInboundMessageSize(MOST_BYTES)
            .executorService(new CallingThread())
            .interceptor(new HearAtOnce());
    options
        .user()
        .ifPresent(
            user ->
                builder
                    .user(EtcdKeys.bytes(user))
                    .password(EtcdKeys.bytes(options.password().get())));
    options.tls().ifPresent(tls -> encrypt(builder, tls));
    return builder.build();
  }

  private static void encrypt(ClientBuilder builder, EtcdLockOptions.Tls tls) {
    builder.sslContext(context(tls));
    tls.authority().ifPresent(builder::authority);
  }

  private static SslContext context(EtcdLockOptions.Tls tls) {
    try {
      SslContextBuilder context = GrpcSslContexts.forClient();
      tls.authorities().ifPresent(file -> context.trustManager(file.toFile()));
      tls.certificate()
          .ifPresent(file -> context.keyManager(file.toFile(), tls.key().orElseThrow().toFile()));
      return context.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new LockConfigurationException(
          "etcd: cannot use the files for TLS: " + e.getMessage(), e, null, "etcd");
    }
  }
}
