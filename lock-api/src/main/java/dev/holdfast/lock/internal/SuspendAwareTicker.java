package dev.holdfast.lock.internal;

import dev.holdfast.lock.LockClientOptions.ClockJumps;
import dev.holdfast.lock.spi.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The monotonic clock, plus the time that the host was suspended (CONTRACT.md, A7).
 *
 * <p>{@link System#nanoTime()} stands still while Linux is suspended, and the leases at the store
 * do not. So the wall clock is read beside it: only when the two have moved apart by more than
 * {@link #APART} is the clock asked that counts suspended time, and it alone decides. A wall clock
 * that was set therefore changes nothing.
 *
 * <p>Guarded by {@code lock}: {@code baseline}. The reads of the fast path are volatile.
 */
final class SuspendAwareTicker implements Ticker {

  /** Far above what two back-to-back reads can differ by, far below the least margin of 200 ms. */
  private static final long APART = 50_000_000;

  /** {@code /proc/uptime} counts in hundredths of a second: less than two of them prove nothing. */
  private static final long RESOLUTION = 20_000_000;

  private static final Path UPTIME = Path.of("/proc/uptime");

  private final LongSupplier monotonic;
  private final LongSupplier wall;
  private final Supplier<OptionalLong> uptime;
  private final ClockJumps withoutUptime;
  private final ReentrantLock lock = new ReentrantLock();
  private final long baseline;
  private volatile long suspended;
  private volatile long lastApart;

  SuspendAwareTicker(
      LongSupplier monotonic,
      LongSupplier wall,
      Supplier<OptionalLong> uptime,
      ClockJumps withoutUptime) {
    this.monotonic = monotonic;
    this.wall = wall;
    this.uptime = uptime;
    this.withoutUptime = withoutUptime;
    long now = monotonic.getAsLong();
    this.baseline = uptime.get().orElse(now) - now;
    this.lastApart = wall.getAsLong() - now;
  }

  /** The clocks of this host. */
  static SuspendAwareTicker ofSystem(ClockJumps withoutUptime) {
    return new SuspendAwareTicker(
        System::nanoTime,
        () -> System.currentTimeMillis() * 1_000_000,
        SuspendAwareTicker::readUptime,
        withoutUptime);
  }

  @Override
  public long read() {
    long now = monotonic.getAsLong();
    long apart = wall.getAsLong() - now;
    if (Math.abs(apart - lastApart) > APART) {
      lookCloser(apart);
    }
    return now + suspended;
  }

  private void lookCloser(long apart) {
    lock.lock();
    try {
      long jumped = apart - lastApart;
      long before = suspended;
      OptionalLong up = uptime.get();
      if (up.isPresent()) {
        long asleep = up.getAsLong() - monotonic.getAsLong() - baseline;
        if (asleep - before > RESOLUTION) {
          suspended = asleep;
        }
      } else if (withoutUptime == ClockJumps.SUSPENDED && jumped > APART) {
        suspended = before + jumped;
      }
      lastApart = apart;
    } finally {
      lock.unlock();
    }
  }

  private static OptionalLong readUptime() {
    try {
      String text = Files.readString(UPTIME);
      double seconds = Double.parseDouble(text.substring(0, text.indexOf(' ')));
      return OptionalLong.of((long) (seconds * 1e9));
    } catch (IOException | RuntimeException e) {
      return OptionalLong.empty(); // not Linux, or hidden: the option decides
    }
  }
}
