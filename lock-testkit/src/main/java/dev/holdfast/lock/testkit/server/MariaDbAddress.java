package dev.holdfast.lock.testkit.server;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who logs in to which database; and, for a given JDBC URL, where.
 *
 * @param parameters of the URL, save user and password; never empty
 */
record MariaDbAddress(
    String host, int port, String database, String user, String password, String parameters) {

  private static final String PREFIX = "jdbc:";
  private static final int DEFAULT_PORT = 3306;

  /** Our servers have no TLS, which the drivers would ask for; both take the word in this case. */
  private static final String NO_TLS = "sslMode=DISABLED";

  static MariaDbAddress ofOurs() {
    String database = MariaDbServer.USER;
    return new MariaDbAddress("", 0, database, MariaDbServer.USER, MariaDbServer.PASSWORD, NO_TLS);
  }

  static Optional<MariaDbAddress> given() {
    String url =
        System.getProperty(
            MariaDbServer.ADDRESS_PROPERTY, System.getenv(MariaDbServer.ADDRESS_VARIABLE));
    return url == null || url.isBlank() ? Optional.empty() : Optional.of(parse(url.strip()));
  }

  /** {@code jdbc:mariadb://host[:port]/database?user=u&password=p[&more]}. */
  static MariaDbAddress parse(String url) {
    URI uri = url.startsWith(PREFIX) ? URI.create(url.substring(PREFIX.length())) : URI.create(url);
    if (!List.of("mariadb", "mysql").contains(String.valueOf(uri.getScheme()))
        || uri.getHost() == null
        || String.valueOf(uri.getPath()).length() < 2) {
      throw new IllegalArgumentException(
          MariaDbServer.ADDRESS_VARIABLE
              + " must be like jdbc:mariadb://host:3306/database?user=u&password=p");
    }
    String user = "root";
    String password = "";
    List<String> others = new ArrayList<>();
    for (String pair : Optional.ofNullable(uri.getRawQuery()).orElse("").split("&", -1)) {
      String value = URLDecoder.decode(pair.replaceFirst("^[^=]*=?", ""), StandardCharsets.UTF_8);
      switch (pair.replaceFirst("=.*", "")) {
        case "user" -> user = value;
        case "password" -> password = value;
        case "" -> {}
        default -> others.add(pair);
      }
    }
    return new MariaDbAddress(
        uri.getHost(),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        uri.getPath().substring(1),
        user,
        password,
        others.isEmpty() ? NO_TLS : String.join("&", others));
  }

  String url(String driver, String toHost, int toPort) {
    return "jdbc:" + driver + "://" + toHost + ":" + toPort + "/" + database + "?" + parameters;
  }
}
