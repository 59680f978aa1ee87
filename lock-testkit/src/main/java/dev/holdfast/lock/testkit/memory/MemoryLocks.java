package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Locks in this JVM's memory: {@code memory:} and {@code memory:some-name}, or {@link #over} a
 * {@link MemoryStore} of one's own.
 *
 * <p>There is one store per name in the JVM: all clients of {@code memory:orders} compete, and
 * {@link #named} gives a test the same store to script. {@code memory:orders?mode=polled} (or
 * {@code blocking}, {@code queue}) makes it play another kind of store; the first to name it
 * decides.
 */
public final class MemoryLocks implements LockBackendProvider {

  private static final Pattern URI = Pattern.compile("memory:([^?]*)(?:\\?mode=(\\w+))?");

  private static final Map<String, MemoryStore> STORES = new ConcurrentHashMap<>();

  /** For {@link java.util.ServiceLoader}. */
  public MemoryLocks() {}

  /** The store behind {@code memory:<name>}, made with a queue if nobody has used it yet. */
  public static MemoryStore named(String name) {
    return named(name, Mode.QUEUE);
  }

  private static MemoryStore named(String name, Mode mode) {
    return STORES.computeIfAbsent(name, unknown -> MemoryStore.create(mode));
  }

  /** Connects clients to {@code store}. */
  public static LockBackendFactory over(MemoryStore store) {
    return context -> open(store, context);
  }

  /**
   * A client is scripted by its description, so every client goes through the line of that name.
   */
  private static LockBackend open(MemoryStore store, BackendContext context) {
    String client = context.options().description().orElse("");
    return store.link(client).wrap(inner -> new MemoryBackend(store, inner)).open(context);
  }

  @Override
  public Set<String> schemes() {
    return Set.of("memory");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    Matcher matcher = URI.matcher(uri);
    if (!matcher.matches()) {
      throw malformed(uri, "expected memory:<name> or memory:<name>?mode=queue|polled|blocking");
    }
    return over(named(matcher.group(1), mode(uri, matcher.group(2))));
  }

  private static Mode mode(String uri, @Nullable String word) {
    if (word == null) {
      return Mode.QUEUE;
    }
    for (Mode mode : Mode.values()) {
      if (mode.name().equalsIgnoreCase(word)) {
        return mode;
      }
    }
    throw malformed(uri, "mode is one of queue, polled, blocking");
  }

  private static LockConfigurationException malformed(String uri, String why) {
    return new LockConfigurationException(
        "cannot use '%s': %s".formatted(uri, why), null, null, "memory");
  }
}
