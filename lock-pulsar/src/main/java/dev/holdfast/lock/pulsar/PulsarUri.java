package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code pulsar://host:port[,host:port...][/tenant/namespace]} says.
 *
 * @param serviceUrl as pulsar-client wants it
 * @param options those given, changed by those of the URI
 */
record PulsarUri(String serviceUrl, PulsarLockOptions options) {

  private static final Pattern SHAPE =
      Pattern.compile("(?i)(pulsar(?:\\+ssl)?)://([^/?#@\\s]+)(?:/([\\w.=:-]+)/([\\w.=:-]+))?/?");

  static PulsarUri parse(String given, PulsarLockOptions defaults) {
    String scheme = LockUris.scheme(given);
    if (scheme.endsWith("persistent")) {
      throw refused(
          given,
          scheme.startsWith("non")
              ? "a lock needs a log that outlives its broker, which non-persistent topics are not;"
                  + " name the broker, pulsar://host:6650/tenant/namespace"
              : "name the broker, pulsar://host:6650/tenant/namespace, not a topic");
    }
    Matcher shape = SHAPE.matcher(given);
    if (!shape.matches()) {
      throw refused(given, "it is not like pulsar://host:6650,host:6650/tenant/namespace");
    }
    String url = shape.group(1).toLowerCase(java.util.Locale.ROOT) + "://" + shape.group(2);
    if (shape.group(3) == null) {
      return new PulsarUri(url, defaults);
    }
    String namespace = shape.group(3) + "/" + shape.group(4);
    return new PulsarUri(url, defaults.change().namespace(namespace).build());
  }

  static LockConfigurationException refused(String given, String why) {
    return new LockConfigurationException(
        "cannot use %s: %s".formatted(LockUris.redact(given), why), null, null, "pulsar");
  }
}
