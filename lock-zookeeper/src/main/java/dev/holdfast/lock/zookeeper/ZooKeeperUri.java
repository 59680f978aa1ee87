package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.zookeeper.common.PathUtils;
import org.jspecify.annotations.Nullable;

/**
 * A URI in its parts.
 *
 * @param servers as ZooKeeper's client wants them: {@code h1:2181,h2:2181}
 * @param chroot empty, or {@code /a/b}; kept out of the connection, which would not create it
 * @param options those given, changed by those of the URI
 */
record ZooKeeperUri(String servers, String chroot, ZooKeeperLockOptions options) {

  private static final Pattern PARTS =
      Pattern.compile("(?i)zookeeper://(?:([^/?#]*)@)?([^/?#@]*)(/[^?#]*)?(?:\\?([^#]*))?");

  private static final Pattern SERVER =
      Pattern.compile("(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]\\s]+)(?::(\\d{1,5}))?");

  static ZooKeeperUri parse(String given, ZooKeeperLockOptions defaults) {
    Matcher parts = PARTS.matcher(given);
    if (!parts.matches()) {
      throw refused(given, "it must look like zookeeper://host:2181,host:2181/chroot", null);
    }
    try {
      var options = defaults.change();
      if (parts.group(1) != null) {
        options.digest(decoded(parts.group(1)));
      }
      for (String parameter : parameters(parts.group(4))) {
        set(options, parameter);
      }
      String servers = servers(parts.group(2));
      return new ZooKeeperUri(servers, chroot(parts.group(3)), options.build());
    } catch (IllegalArgumentException e) {
      throw refused(given, String.valueOf(e.getMessage()), e);
    }
  }

  private static List<String> parameters(@Nullable String query) {
    return query == null || query.isEmpty() ? List.of() : Arrays.asList(query.split("&", -1));
  }

  private static String servers(String given) {
    StringBuilder servers = new StringBuilder();
    for (String each : given.split(",", -1)) {
      Matcher server = SERVER.matcher(each);
      if (!server.matches()) {
        throw new IllegalArgumentException("no server: '" + each + "'");
      }
      String port = server.group(2) == null ? "2181" : server.group(2);
      servers.append(servers.isEmpty() ? "" : ",").append(server.group(1)).append(':').append(port);
    }
    return servers.toString();
  }

  private static String chroot(@Nullable String given) {
    if (given == null || given.equals("/")) {
      return "";
    }
    String chroot = decoded(given.endsWith("/") ? given.substring(0, given.length() - 1) : given);
    PathUtils.validatePath(chroot);
    return chroot;
  }

  private static void set(ZooKeeperLockOptions.Builder options, String parameter) {
    int equals = parameter.indexOf('=');
    String key = equals < 0 ? parameter : parameter.substring(0, equals);
    String value = equals < 0 ? "" : decoded(parameter.substring(equals + 1));
    switch (key) {
      case "root" -> options.root(value);
      case "tls" -> tls(options, bool(key, value));
      case "keyStore" -> options.clientProperty("zookeeper.ssl.keyStore.location", value);
      case "keyStorePassword" -> options.clientProperty("zookeeper.ssl.keyStore.password", value);
      case "trustStore" -> options.clientProperty("zookeeper.ssl.trustStore.location", value);
      case "trustStorePassword" ->
          options.clientProperty("zookeeper.ssl.trustStore.password", value);
      case "hostnameVerification" ->
          options.clientProperty(
              "zookeeper.ssl.hostnameVerification", String.valueOf(bool(key, value)));
      default ->
          throw new IllegalArgumentException(
              "there is no parameter '"
                  + key
                  + "' (known: root, tls, keyStore, keyStorePassword, trustStore,"
                  + " trustStorePassword, hostnameVerification)");
    }
  }

  private static void tls(ZooKeeperLockOptions.Builder options, boolean on) {
    options.clientProperty("zookeeper.client.secure", String.valueOf(on));
    if (on) { // ZooKeeper's other socket knows no TLS
      options.clientProperty(
          "zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty");
    }
  }

  private static boolean bool(String key, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(key + " must be true or false");
    };
  }

  /** A plus is a plus here: passwords hold them, and this is no form. */
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static LockConfigurationException refused(
      String given, String why, @Nullable Throwable cause) {
    return new LockConfigurationException(
        "cannot use %s: %s".formatted(LockUris.redact(given), why), cause, null, "zookeeper");
  }
}
