package dev.holdfast.lock.pulsar;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * How locks are kept in Pulsar. The defaults are safe without reading.
 *
 * @param namespace the tenant and the namespace of all topics, {@code tenant/namespace}. All
 *     clients that compete must name the same one. Default {@code public/default}; one of its own
 *     for locks is better: no message TTL may be set there, see {@link PulsarLocks}
 * @param topicPrefix put before the encoded name of a lock, to be the name of its topic: letters,
 *     digits, {@code . _ -}. All clients that compete must name the same one. Default {@code lock-}
 * @param keepWarm how long a lock that has been used more than once stays open in this client after
 *     its last use; one that was used once does for a second at most. Longer makes the next
 *     acquisition quicker, shorter leaves fewer consumers at the broker. At least 100 ms. Default
 *     30 s
 * @param token asked for at each login; empty where the broker asks for none. Only for a client
 *     that is opened for a URI
 * @param tls how to encrypt, with {@code pulsar+ssl://}. Only for a client that is opened for a URI
 */
public record PulsarLockOptions(
    String namespace,
    String topicPrefix,
    Duration keepWarm,
    Optional<Supplier<String>> token,
    Tls tls) {

  private static final Pattern NAMESPACE = Pattern.compile("[\\w.=:-]+/[\\w.=:-]+");

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]*");

  private static final Duration LEAST_WARM = Duration.ofMillis(100);

  /**
   * The files for TLS, in PEM format.
   *
   * @param authorities whom to trust; empty for those of the JVM
   * @param certificate the client's own; empty if the broker asks for none
   * @param key the private key of the certificate
   * @param checkHost whether the broker's certificate must be made out to its host. Default true
   */
  public record Tls(
      Optional<String> authorities,
      Optional<String> certificate,
      Optional<String> key,
      boolean checkHost) {

    /**
     * Refuses half a pair.
     *
     * @throws IllegalArgumentException if there is a certificate without a key, or the reverse
     */
    public Tls {
      if (certificate.isPresent() != key.isPresent()) {
        throw new IllegalArgumentException("a certificate needs its key, and the reverse");
      }
    }

    /** The JVM's authorities and no certificate of our own. */
    public static Tls ofJvm() {
      return new Tls(Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** These authorities and no certificate of our own. */
    public static Tls trusting(String authorities) {
      return new Tls(Optional.of(authorities), Optional.empty(), Optional.empty(), true);
    }
  }

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if the namespace is not like {@code tenant/namespace}, the
   *     prefix holds something else than is allowed, or {@code keepWarm} is below 100 ms
   */
  public PulsarLockOptions {
    if (namespace.contains("non-persistent")) {
      throw new IllegalArgumentException(
          "a lock needs a log that outlives its broker, which non-persistent topics are not: "
              + namespace);
    }
    if (!NAMESPACE.matcher(namespace).matches()) {
      throw new IllegalArgumentException("namespace must be like tenant/namespace: " + namespace);
    }
    if (!PREFIX.matcher(topicPrefix).matches()) {
      throw new IllegalArgumentException(
          "topicPrefix may hold letters, digits, '.', '_' and '-': " + topicPrefix);
    }
    if (keepWarm.compareTo(LEAST_WARM) < 0) {
      throw new IllegalArgumentException("keepWarm must be at least 100 ms: " + keepWarm);
    }
  }

  /** Everything at its default. */
  public static PulsarLockOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with everything as it is here. */
  Builder change() {
    Builder builder = builder();
    builder.namespace = namespace;
    builder.topicPrefix = topicPrefix;
    builder.keepWarm = keepWarm;
    builder.token = token;
    builder.tls = tls;
    return builder;
  }

  /** Sets what a {@link PulsarLockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private String namespace = "public/default";
    private String topicPrefix = "lock-";
    private Duration keepWarm = Duration.ofSeconds(30);
    private Optional<Supplier<String>> token = Optional.empty();
    private Tls tls = Tls.ofJvm();

    private Builder() {}

    /** See {@link PulsarLockOptions#namespace()}. */
    public Builder namespace(String value) {
      namespace = value;
      return this;
    }

    /** See {@link PulsarLockOptions#topicPrefix()}. */
    public Builder topicPrefix(String value) {
      topicPrefix = value;
      return this;
    }

    /** See {@link PulsarLockOptions#keepWarm()}. */
    public Builder keepWarm(Duration value) {
      keepWarm = value;
      return this;
    }

    /** See {@link PulsarLockOptions#token()}. */
    public Builder token(Supplier<String> value) {
      token = Optional.of(value);
      return this;
    }

    /** See {@link PulsarLockOptions#tls()}. */
    public Builder tls(Tls value) {
      tls = value;
      return this;
    }

    /**
     * The options as set so far.
     *
     * @throws IllegalArgumentException if one of them cannot work
     */
    public PulsarLockOptions build() {
      return new PulsarLockOptions(namespace, topicPrefix, keepWarm, token, tls);
    }
  }
}
