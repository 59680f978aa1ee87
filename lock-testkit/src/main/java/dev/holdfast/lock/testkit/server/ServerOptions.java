package dev.holdfast.lock.testkit.server;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the options of all servers share: where a server may come from, and what its process gets.
 *
 * @param <O> the options themselves
 */
abstract class ServerOptions<O extends ServerOptions<O>> {

  private final Map<String, String> environment = new LinkedHashMap<>();
  private Set<ServerSource> sources = EnumSet.allOf(ServerSource.class);

  abstract O self();

  /**
   * Restricts where a single server may come from; the order of the sources stays.
   *
   * @param first one source
   * @param more further ones
   * @return this
   */
  public O from(ServerSource first, ServerSource... more) {
    sources = EnumSet.of(first, more);
    return self();
  }

  /**
   * Sets a variable in the environment of a single server's process; a server given by its address
   * or in a container is not used then.
   *
   * @param name such as {@code LD_PRELOAD}
   * @param value its value
   * @return this
   */
  public O environment(String name, String value) {
    environment.put(name, value);
    return self();
  }

  final Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  /** Where it may come from: from a process started here, if that gets an environment. */
  final Set<ServerSource> sources() {
    Set<ServerSource> allowed = EnumSet.copyOf(sources);
    if (!environment.isEmpty()) {
      allowed.removeAll(Set.of(ServerSource.ENVIRONMENT, ServerSource.DOCKER));
    }
    return allowed;
  }
}
