package dev.holdfast.lock.examples;

import dev.holdfast.lock.spi.LockUris;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.net.ProxiedUri;
import dev.holdfast.lock.testkit.server.H2Server;
import java.util.Optional;

/**
 * The store that the demo's processes share: an H2 server of its own, or the one that was named.
 */
record DemoStore(String uri, Optional<H2Server> own) implements AutoCloseable {

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
    Optional<ProxiedUri> parts = ProxiedUri.of(uri);
    Optional<FaultProxy> proxy = parts.map(ProxiedUri::target).map(FaultProxy::to);
    return new Line(proxy.map(it -> parts.orElseThrow().via(it)).orElse(uri), proxy);
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
