package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code etcd://[user:password@]host[:port][,host[:port]...][/prefix]} says.
 *
 * @param endpoints as jetcd wants them
 * @param options those given, changed by those of the URI
 */
record EtcdUri(List<URI> endpoints, EtcdLockOptions options) {

  private static final Pattern SHAPE =
      Pattern.compile("(?i)(etcds?)://(?:([^@/]*)@)?([^/?#]*)(?:/([^?#]*))?");

  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9A-Fa-f:.%]+\\]|[^:\\[\\]\\s]+)(?::(\\d{1,5}))?");

  private static final int DEFAULT_PORT = 2379;

  static EtcdUri parse(String given, EtcdLockOptions defaults) {
    Matcher shape = SHAPE.matcher(given);
    if (!shape.matches()) {
      throw refused(given, "it is not like etcd://[user:password@]host:2379,host:2379/prefix");
    }
    var options = defaults.change();
    boolean encrypted = shape.group(1).equalsIgnoreCase("etcds");
    if (encrypted && defaults.tls().isEmpty()) {
      options.tls(EtcdLockOptions.Tls.ofJvm());
    }
    if (shape.group(2) != null) {
      login(options, shape.group(2), given);
    }
    String prefix = shape.group(4) == null ? "" : shape.group(4).replaceFirst("/+$", "");
    if (!prefix.isEmpty()) {
      options.keyPrefix(decoded(prefix, given));
    }
    return new EtcdUri(endpoints(shape.group(3), encrypted, given), options.build());
  }

  private static void login(EtcdLockOptions.Builder options, String text, String given) {
    int colon = text.indexOf(':');
    if (colon <= 0) {
      throw refused(given, "before '@' must stand user:password");
    }
    String password = decoded(text.substring(colon + 1), given);
    options.login(decoded(text.substring(0, colon), given), () -> password);
  }

  private static List<URI> endpoints(String hosts, boolean encrypted, String given) {
    List<URI> endpoints = new ArrayList<>();
    for (String each : hosts.split(",", -1)) {
      Matcher host = HOST.matcher(each);
      if (!host.matches()) {
        throw refused(given, "'" + each + "' is no host:port");
      }
      int port = host.group(2) == null ? DEFAULT_PORT : Integer.parseInt(host.group(2));
      if (port < 1 || port > 65_535) {
        throw refused(given, "'" + each + "' has no port from 1 to 65535");
      }
      endpoints.add(uri((encrypted ? "https://" : "http://") + host.group(1) + ":" + port, given));
    }
    return endpoints;
  }

  private static URI uri(String text, String given) {
    try {
      URI uri = URI.create(text);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw refused(given, "a host's name may have letters, digits, '-' and '.' only");
  }

  /** Percent-encoding alone: a plus is a plus. */
  private static String decoded(String text, String given) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused(given, "a '%' must be followed by two hexadecimal digits");
    }
  }

  private static LockConfigurationException refused(String given, String why) {
    return new LockConfigurationException(
        "cannot use %s: %s".formatted(LockUris.redact(given), why), null, null, "etcd");
  }
}
