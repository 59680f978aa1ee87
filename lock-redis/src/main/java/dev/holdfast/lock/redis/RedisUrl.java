package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.LockUris;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterURIUtil;
import java.net.URI;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A URI as Lettuce may see it, and what its {@code holdfast.} parameters said.
 *
 * @param addresses the server or the Sentinels in one, or the seeds of a cluster
 * @param options those given, changed by those of the URI
 * @param shown the URI as it was given, without its password
 */
record RedisUrl(List<RedisURI> addresses, RedisLockOptions options, String shown) {

  private static final Pattern OURS = Pattern.compile("([?&])holdfast\\.([^=&#]*)=?([^&#]*)");

  private static final Pattern IP_V6 = Pattern.compile("\\[?[0-9a-fA-F:.]+(%.*)?]?");

  /** Several hosts without a Sentinel's scheme are a cluster, as in Lettuce. */
  private static final Pattern SEVERAL_HOSTS =
      Pattern.compile("(?i)redis(s|\\+ssl|\\+tls)?://[^/?#]*,.*", Pattern.DOTALL);

  static RedisUrl parse(String given, RedisLockOptions defaults) {
    RedisLockOptions.Builder options = defaults.change();
    StringBuilder url = new StringBuilder();
    Matcher matcher = OURS.matcher(given);
    int end = 0;
    while (matcher.find()) {
      append(url, given.substring(end, matcher.start()));
      set(options, matcher.group(2), matcher.group(3), given);
      end = matcher.end();
    }
    append(url, given.substring(end));
    try {
      if (SEVERAL_HOSTS.matcher(url).matches()) {
        options.cluster(true);
      }
      RedisLockOptions chosen = options.build();
      List<RedisURI> addresses =
          chosen.cluster()
              ? RedisClusterURIUtil.toRedisURIs(URI.create(url.toString()))
              : List.of(checked(RedisURI.create(url.toString())));
      return new RedisUrl(addresses, chosen, LockUris.redact(given));
    } catch (IllegalArgumentException e) {
      // Lettuce repeats the URI, with its password, in some of its messages and causes.
      throw refused(given, LockUris.redact(String.valueOf(e.getMessage())));
    }
  }

  /** Lettuce takes a port that is no number for a part of the host. */
  private static RedisURI checked(RedisURI address) {
    String host = address.getHost();
    if (host != null && host.indexOf(':') >= 0 && !IP_V6.matcher(host).matches()) {
      throw new IllegalArgumentException("the port is not a number");
    }
    return address;
  }

  boolean isCluster() {
    return options.cluster();
  }

  /** What follows a parameter of ours that came first has to start with '?' in its place. */
  private static void append(StringBuilder url, String part) {
    boolean first = part.startsWith("&") && url.indexOf("?") < 0;
    url.append(first ? "?" + part.substring(1) : part);
  }

  private static void set(
      RedisLockOptions.Builder options, String key, String value, String given) {
    try {
      switch (key) {
        case "maxLease" -> options.maxLease(Duration.parse(value));
        case "minReplicas" -> options.minReplicas(Integer.parseInt(value));
        case "cluster" -> options.cluster(bool(value));
        default -> throw new IllegalArgumentException("there is no such parameter");
      }
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw refused(
          given,
          "holdfast.%s=%s: %s (known: maxLease=<ISO-8601, such as PT30S>, minReplicas=<number>,"
                  .formatted(key, value, e.getMessage())
              + " cluster=true|false)");
    }
  }

  private static boolean bool(String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static LockConfigurationException refused(String given, String why) {
    return new LockConfigurationException(
        "cannot use %s: %s".formatted(LockUris.redact(given), why), null, null, "redis");
  }
}
