package dev.holdfast.lock.testkit.server;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * A Redis that was given by its address.
 *
 * @param login {@code user:password}, as it stands in a URI
 */
record RedisAddress(String host, int port, Optional<String> login) {

  private static final int DEFAULT_PORT = 6379;

  static Optional<RedisAddress> given() {
    String uri =
        System.getProperty(
            RedisServer.ADDRESS_PROPERTY, System.getenv(RedisServer.ADDRESS_VARIABLE));
    return uri == null || uri.isBlank() ? Optional.empty() : Optional.of(parse(uri.strip()));
  }

  private static RedisAddress parse(String given) {
    URI uri = URI.create(given);
    if (!"redis".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new IllegalArgumentException(
          RedisServer.ADDRESS_VARIABLE + " must be like redis://user:password@host:6379");
    }
    return new RedisAddress(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        Optional.ofNullable(uri.getRawUserInfo()));
  }

  TestServer server() {
    return new ExternalServer(
        host, port, "Redis from " + ServerSource.ENVIRONMENT + " (" + host + ":" + port + ")");
  }

  List<String> cliOptions() {
    if (login.isEmpty()) {
      return List.of();
    }
    String[] words = login.get().split(":", 2);
    return words.length == 1 || words[0].isEmpty()
        ? List.of("--no-auth-warning", "-a", words[words.length - 1])
        : List.of("--no-auth-warning", "--user", words[0], "-a", words[1]);
  }
}
