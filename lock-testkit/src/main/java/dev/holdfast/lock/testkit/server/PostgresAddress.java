package dev.holdfast.lock.testkit.server;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who logs in to which database; and, for a given JDBC URL, where. */
record PostgresAddress(String host, int port, String database, String user, String password) {

  private static final String PREFIX = "jdbc:";
  private static final int DEFAULT_PORT = 5432;

  static PostgresAddress ofOurs() {
    return new PostgresAddress("", 0, "postgres", PostgresServer.USER, PostgresServer.PASSWORD);
  }

  static Optional<PostgresAddress> given() {
    String url =
        System.getProperty(
            PostgresServer.ADDRESS_PROPERTY, System.getenv(PostgresServer.ADDRESS_VARIABLE));
    return url == null || url.isBlank() ? Optional.empty() : Optional.of(parse(url.strip()));
  }

  /** {@code jdbc:postgresql://host[:port]/database?user=u&password=p}. */
  static PostgresAddress parse(String url) {
    URI uri = url.startsWith(PREFIX) ? URI.create(url.substring(PREFIX.length())) : URI.create(url);
    if (!"postgresql".equals(uri.getScheme()) || uri.getHost() == null || uri.getPath() == null) {
      throw new IllegalArgumentException(
          PostgresServer.ADDRESS_VARIABLE
              + " must be like jdbc:postgresql://host:5432/database?user=u&password=p");
    }
    Map<String, String> parameters = parameters(uri);
    String database = uri.getPath().replaceFirst("^/", "");
    return new PostgresAddress(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        database.isEmpty() ? "postgres" : database,
        parameters.getOrDefault("user", "postgres"),
        parameters.getOrDefault("password", ""));
  }

  String url(String toHost, int toPort) {
    return "jdbc:postgresql://" + toHost + ":" + toPort + "/" + database;
  }

  private static Map<String, String> parameters(URI uri) {
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    return Arrays.stream(query.split("&"))
        .map(pair -> pair.split("=", 2))
        .filter(pair -> pair.length == 2)
        .collect(Collectors.toMap(pair -> pair[0], pair -> decode(pair[1]), (a, b) -> b));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
