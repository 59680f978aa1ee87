package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.ClientEnvironment;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import dev.holdfast.lock.spi.LockUris;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Finds backends and makes clients over them. */
public final class Clients {

  /** Which artifact serves which scheme: for the message about one that is missing. */
  private static final Map<String, String> ARTIFACTS =
      Map.of(
          "jdbc", "lock-jdbc",
          "redis", "lock-redis",
          "rediss", "lock-redis",
          "redis-sentinel", "lock-redis",
          "zookeeper", "lock-zookeeper",
          "etcd", "lock-etcd",
          "pulsar", "lock-pulsar",
          "pulsar+ssl", "lock-pulsar",
          "memory", "lock-testkit");

  private Clients() {}

  /** See {@link LockClient#connect(String, LockClientOptions)}. */
  public static LockClient connect(String uri, LockClientOptions options) {
    String scheme = LockUris.scheme(uri);
    Set<String> found = new TreeSet<>();
    for (ClassLoader loader : loaders()) {
      for (LockBackendProvider provider : ServiceLoader.load(LockBackendProvider.class, loader)) {
        if (provider.schemes().contains(scheme)) {
          return over(provider.factory(uri), options);
        }
        found.addAll(provider.schemes());
      }
    }
    throw unknownScheme(uri, scheme, found);
  }

  /** The application's class loader first; in an odd container ours may see more. */
  private static Set<ClassLoader> loaders() {
    ClassLoader own = Clients.class.getClassLoader();
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null || context == own
        ? Set.of(own)
        : new LinkedHashSet<>(List.of(context, own));
  }

  private static LockConfigurationException unknownScheme(
      String uri, String scheme, Set<String> found) {
    String artifact = ARTIFACTS.get(scheme);
    String advice =
        artifact == null
            ? "use one of these, or add the artifact that serves it"
            : "add dev.holdfast:" + artifact + " to the class path";
    return new LockConfigurationException(
        "no lock backend serves '%s' (scheme '%s'); found on the class path: %s; %s"
            .formatted(LockUris.redact(uri), scheme, found.isEmpty() ? "none" : found, advice),
        null,
        null,
        scheme.isEmpty() ? "unknown" : scheme);
  }

  /** See {@link LockClient#over(LockBackendFactory, LockClientOptions)}. */
  public static LockClient over(LockBackendFactory backend, LockClientOptions options) {
    if (options.environment().isPresent()) {
      return open(backend, options, options.environment().get(), null);
    }
    SystemEnvironment system = new SystemEnvironment(options);
    boolean opened = false;
    try {
      LockClient client = open(backend, options, system.environment(), system);
      opened = true;
      return client;
    } finally {
      if (!opened) {
        system.close();
      }
    }
  }

  private static LockClient open(
      LockBackendFactory backend,
      LockClientOptions options,
      ClientEnvironment environment,
      @Nullable SystemEnvironment owned) {
    Engine engine;
    try {
      engine =
          new Engine(
              backend,
              options,
              environment,
              newClientId(owned == null ? environment.random() : new SecureRandom()));
    } catch (BackendFailure e) {
      throw new LockConfigurationException(String.valueOf(e.getMessage()), e, null, "unknown");
    }
    try {
      return new HoldfastClient(engine, owned);
    } catch (RuntimeException e) {
      engine.backend.close(options.closeTimeout());
      throw e;
    }
  }

  /** 125 bits in base 36: at most 25 characters. */
  private static String newClientId(RandomGenerator random) {
    byte[] bits = new byte[16];
    random.nextBytes(bits);
    return new BigInteger(1, bits).shiftRight(3).toString(Character.MAX_RADIX);
  }
}
