package dev.holdfast.lock.testkit.server;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Tries the sources of one kind of server in their fixed order.
 *
 * <p>A source either answers with a started server, or is empty because it has none. One that has
 * the server but fails to start it throws, and nothing else is tried: a silent fallback would test
 * something other than what was asked for.
 */
final class ServerSources {

  private final String kind;
  private final Map<ServerSource, Supplier<Optional<TestServer>>> sources =
      new EnumMap<>(ServerSource.class);
  private final List<String> hints = new ArrayList<>();

  ServerSources(String kind) {
    this.kind = kind;
  }

  /** Adds a source and the hint what to do to get it. */
  ServerSources with(ServerSource source, String hint, Supplier<Optional<TestServer>> supplier) {
    sources.put(source, supplier);
    hints.add(source + ": " + hint);
    return this;
  }

  /** The first server that one of the allowed sources has. */
  TestServer first(Set<ServerSource> allowed) {
    for (ServerSource source : new TreeSet<>(allowed)) {
      Supplier<Optional<TestServer>> supplier = sources.get(source);
      Optional<TestServer> server = supplier == null ? Optional.empty() : supplier.get();
      if (server.isPresent()) {
        return server.get();
      }
    }
    throw new ServerUnavailableException(
        "no " + kind + " to test with from " + allowed + "; any of these helps: " + hints);
  }
}
