package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.spi.Claim;
import org.jspecify.annotations.Nullable;

/**
 * What is kept with a claim that was refused its row.
 *
 * @param since when that was for the first time
 * @param readsFirst whether it looks at the row before it tries to take it: that costs the database
 *     no lock and no log
 */
record Wait(long since, boolean readsFirst) {

  private static @Nullable Wait of(Claim claim) {
    return claim.attachment() instanceof Wait wait ? wait : null;
  }

  static boolean readsFirst(Claim claim) {
    Wait wait = of(claim);
    return wait != null && wait.readsFirst;
  }

  /** For how many nanoseconds it has waited. */
  static long nanos(Claim claim, long now) {
    Wait wait = of(claim);
    return wait == null ? 0 : now - wait.since;
  }

  /** From now on it reads first. */
  static void refused(Claim claim, long now) {
    Wait wait = of(claim);
    if (wait == null || !wait.readsFirst) {
      claim.attach(new Wait(wait == null ? now : wait.since, true));
    }
  }

  /** The row is kept for it: it need not read before it tries. */
  static void woken(Claim claim) {
    Wait wait = of(claim);
    if (wait != null) {
      claim.attach(new Wait(wait.since, false));
    }
  }

  static void over(Claim claim) {
    if (claim.attachment() != null) {
      claim.attach(null);
    }
  }
}
