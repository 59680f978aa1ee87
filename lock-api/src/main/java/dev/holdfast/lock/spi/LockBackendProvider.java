package dev.holdfast.lock.spi;

import java.util.Set;

/**
 * Makes backends from URIs; found by {@link java.util.ServiceLoader}. Its public no-argument
 * constructor must be cheap.
 */
public interface LockBackendProvider {

  /** The URI schemes served, in lower case and without the colon: {@code jdbc}, {@code redis}. */
  Set<String> schemes();

  /**
   * A factory for the store at {@code uri}.
   *
   * @param uri as the user gave it; a string, because a JDBC URL or a list of hosts is no {@link
   *     java.net.URI}
   * @throws dev.holdfast.lock.LockConfigurationException if the URI is malformed; the message names
   *     it without its password ({@link LockUris#redact})
   */
  LockBackendFactory factory(String uri);
}
