package dev.holdfast.lock.etcd;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How locks are kept in etcd. The defaults are safe without reading.
 *
 * @param keyPrefix below which all keys lie; a role needs readwrite on the range {@code
 *     keyPrefix/}. All clients that compete must name the same one, and no other application one
 *     below it: {@code a/b/} is where the contenders of the lock {@code b} of {@code a} are. Empty
 *     for none. Default {@code holdfast}
 * @param user who logs in; empty where etcd asks nobody. Only for a client that is opened for a URI
 * @param password asked anew for each connection, so that a password may be changed while locks are
 *     held. Only for a client that is opened for a URI
 * @param tls how to encrypt; empty for plain text. Only for a client that is opened for a URI
 */
public record EtcdLockOptions(
    String keyPrefix, Optional<String> user, Supplier<String> password, Optional<Tls> tls) {

  /**
   * The files for TLS, in PEM format.
   *
   * @param authorities whom to trust; empty for those of the JVM
   * @param certificate the client's own, with its chain; empty if etcd asks for none
   * @param key the private key of the certificate, PKCS #8, not encrypted
   * @param authority the name that the servers' certificates must be made out to, if not that by
   *     which they are reached
   */
  public record Tls(
      Optional<Path> authorities,
      Optional<Path> certificate,
      Optional<Path> key,
      Optional<String> authority) {

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
      return new Tls(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** These authorities and no certificate of our own. */
    public static Tls trusting(Path authorities) {
      return new Tls(
          Optional.of(authorities), Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if the prefix ends in '/'
   */
  public EtcdLockOptions {
    if (keyPrefix.endsWith("/")) {
      throw new IllegalArgumentException(
          "keyPrefix must not end in '/', which is put behind it anyway: " + keyPrefix);
    }
  }

  /** Everything at its default. */
  public static EtcdLockOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  /** A builder with everything as it is here. */
  Builder change() {
    Builder builder = builder();
    builder.keyPrefix = keyPrefix;
    builder.user = user;
    builder.password = password;
    builder.tls = tls;
    return builder;
  }

  /** Sets what an {@link EtcdLockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private String keyPrefix = "holdfast";
    private Optional<String> user = Optional.empty();
    private Supplier<String> password = () -> "";
    private Optional<Tls> tls = Optional.empty();

    private Builder() {}

    /** See {@link EtcdLockOptions#keyPrefix()}. */
    public Builder keyPrefix(String value) {
      keyPrefix = value;
      return this;
    }

    /** See {@link EtcdLockOptions#user()} and {@link EtcdLockOptions#password()}. */
    public Builder login(String name, Supplier<String> secret) {
      user = Optional.of(name);
      password = secret;
      return this;
    }

    /** See {@link EtcdLockOptions#tls()}. */
    public Builder tls(Tls value) {
      tls = Optional.of(value);
      return this;
    }

    /**
     * The options as set so far.
     *
     * @throws IllegalArgumentException if one of them cannot work
     */
    public EtcdLockOptions build() {
      return new EtcdLockOptions(keyPrefix, user, password, tls);
    }
  }
}
