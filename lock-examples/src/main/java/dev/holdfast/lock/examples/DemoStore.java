package dev.holdfast.lock.examples;

import dev.holdfast.lock.spi.LockUris;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.H2Server;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The store that the demo's processes share: an H2 server of its own, or the one that was named.
 */
record DemoStore(String uri, Optional<H2Server> own) implements AutoCloseable {

  /** One host, and no TLS, whose certificates would not be those of a proxy. */
  private static final Pattern ONE_HOST =
      Pattern.compile("(jdbc:(?:h2:tcp|\\w+)://)([\\w.-]+)(?::(\\d+))?([/;?](?!.*ssl).*)");

  private static final Map<String, String> DEFAULT_PORTS =
      Map.of("jdbc:postgresql://", "5432", "jdbc:mariadb://", "3306", "jdbc:mysql://", "3306");

  static DemoStore ownH2() {
    H2Server server = H2Server.launch();
    String login = ";USER=" + server.user() + ";PASSWORD=" + server.password();
    return new DemoStore(server.jdbcUrl() + login, Optional.of(server));
  }

  static DemoStore at(String uri) {
    return new DemoStore(uri, Optional.empty());
  }

  String description() {
    return own.map(server -> server.description().replaceFirst(" from .*", "") + " at ").orElse("")
        + LockUris.redact(uri).replaceFirst(";USER=.*", "");
  }

  /** A process's own way to the store, by a proxy where the URI leaves room for one. */
  Line line() {
    Matcher parts = ONE_HOST.matcher(uri);
    if (!parts.matches()) {
      return new Line(uri, Optional.empty());
    }
    String port =
        Optional.ofNullable(parts.group(3)).orElse(DEFAULT_PORTS.getOrDefault(parts.group(1), ""));
    if (port.isEmpty()) {
      return new Line(uri, Optional.empty());
    }
    var proxy = FaultProxy.to(new InetSocketAddress(parts.group(2), Integer.parseInt(port)));
    var here = proxy.address().getHostString() + ":" + proxy.port();
    return new Line(parts.group(1) + here + parts.group(4), Optional.of(proxy));
  }

  @Override
  public void close() {
    own.ifPresent(H2Server::close);
  }

  /**
   * A way to the store.
   *
   * @param uri to connect to
   * @param proxy where the network can be made to fail, if there is such a place
   */
  record Line(String uri, Optional<FaultProxy> proxy) {}
}
