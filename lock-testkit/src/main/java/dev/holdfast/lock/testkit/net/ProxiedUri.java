package dev.holdfast.lock.testkit.net;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The URI of a store at one host and port, which can be led through a {@link FaultProxy}.
 *
 * @param head what comes before the host
 * @param target the host and port of the store
 * @param tail what comes behind the port
 */
public record ProxiedUri(String head, InetSocketAddress target, String tail) {

  /** One host, and no TLS, whose certificates would not be those of a proxy. */
  private static final Pattern ONE_HOST =
      Pattern.compile(
          "((?:[a-z0-9+.-]+:)*?([a-z][a-z0-9+.-]*(?::tcp)?)://(?:[^/?#@]*@)?)" // scheme, user
              + "([\\w.-]+|\\[[0-9a-fA-F:]+])(?::(\\d{1,5}))?" // host, port
              + "((?:[/;?](?!.*(?:ssl|tls)).*)?)",
          Pattern.CASE_INSENSITIVE);

  private static final Map<String, Integer> DEFAULT_PORTS =
      Map.of(
          "postgresql", 5432,
          "mariadb", 3306,
          "mysql", 3306,
          "h2:tcp", 9092,
          "redis", 6379,
          "etcd", 2379,
          "zookeeper", 2181,
          "pulsar", 6650);

  /**
   * Takes a URI apart.
   *
   * @param uri as for {@link dev.holdfast.lock.LockClient#connect}
   * @return empty if it names several hosts, no host, an unknown default port, or speaks of TLS
   */
  public static Optional<ProxiedUri> of(String uri) {
    Matcher parts = ONE_HOST.matcher(uri);
    if (!parts.matches() || parts.group(2).equals("rediss") || parts.group(2).equals("https")) {
      return Optional.empty();
    }
    Optional<Integer> port =
        Optional.ofNullable(parts.group(4))
            .map(Integer::valueOf)
            .or(() -> Optional.ofNullable(DEFAULT_PORTS.get(parts.group(2))));
    return port.map(
        number ->
            new ProxiedUri(
                parts.group(1), new InetSocketAddress(parts.group(3), number), parts.group(5)));
  }

  /**
   * The same store by another way.
   *
   * @param proxy a proxy to {@link #target}
   * @return the URI
   */
  public String via(FaultProxy proxy) {
    return head + proxy.address().getHostString() + ":" + proxy.port() + tail;
  }
}
