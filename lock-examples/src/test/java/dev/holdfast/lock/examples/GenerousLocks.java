package dev.holdfast.lock.examples;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.HoldSink;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.spi.LockBackendProvider;
import dev.holdfast.lock.testkit.spi.TappedContext;
import java.time.Duration;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * {@code generous:jdbc:...} is a backend that is broken on purpose: after a renewal it trusts a
 * lock for three seconds longer than the store keeps it. Nothing shows while nothing fails.
 */
public final class GenerousLocks implements LockBackendProvider {

  private static final Duration TOO_LONG = Duration.ofSeconds(3);

  @Override
  public Set<String> schemes() {
    return Set.of("generous");
  }

  @Override
  public LockBackendFactory factory(String uri) {
    LockBackendProvider jdbc =
        ServiceLoader.load(LockBackendProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(provider -> provider.schemes().contains("jdbc"))
            .findFirst()
            .orElseThrow();
    LockBackendFactory factory = jdbc.factory(uri.replaceFirst("^generous:", ""));
    return context -> factory.open(new TappedContext(context, generous(context.holds())));
  }

  private static HoldSink generous(HoldSink engine) {
    return new HoldSink() {
      @Override
      public void renewed(Claim claim, Duration validFor, long asOf) {
        engine.renewed(claim, validFor.plus(TOO_LONG), asOf);
      }

      @Override
      public void gone(Claim claim, LossReason reason) {
        engine.gone(claim, reason);
      }
    };
  }
}
