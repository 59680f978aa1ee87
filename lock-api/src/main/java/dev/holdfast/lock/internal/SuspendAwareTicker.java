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
 * <p>Written under {@code lock}: suspended, lastApart. The reads of the fast path are volatile;
 * what they find odd is looked at again under the lock, for a thread may be held up between two
 * clocks, or suspended there itself.
 */
final class SuspendAwareTicker implements Ticker {

  /** Far above what two back-to-back reads can differ by, far below the least margin of 200 ms. */
  private static final long APART = 50_000_000;

  /** {@code /proc/uptime} counts in hundredths of a second: less than two of them prove nothing. */
  private static final long RESOLUTION = 20_000_000;

  /** Clocks that were read within less than this belong together. */
  private static final long TOGETHER = 10_000_000;

  private static final int TRIES = 10;

  private static final Path UPTIME = Path.of("/proc/uptime");

  private final LongSupplier monotonic;
  private final LongSupplier wall;
  private final Supplier<OptionalLong> uptime;
  private final ClockJumps withoutUptime;
  private final ReentrantLock lock = new ReentrantLock();
  private final OptionalLong baseline;
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
    Look first = look();
    OptionalLong up = first.uptime;
    this.baseline = up.isPresent() ? OptionalLong.of(up.getAsLong() - first.monotonic) : up;
    this.lastApart = first.apart();
  }

  /** All clocks at one instant, as nearly as can be. */
  private record Look(long monotonic, long wall, OptionalLong uptime) {
    long apart() {
      return wall - monotonic;
    }
  }

  private Look look() {
    for (int tries = 1; ; tries++) {
      Look look = new Look(monotonic.getAsLong(), wall.getAsLong(), uptime.get());
      if (monotonic.getAsLong() - look.monotonic < TOGETHER || tries == TRIES) {
        return look;
      }
    }
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
    if (Math.abs(wall.getAsLong() - now - lastApart) > APART) {
      lookCloser();
    }
    return now + suspended;
  }

  private void lookCloser() {
    lock.lock();
    try {
      Look now = look();
      if (baseline.isEmpty()) {
        long jumped = now.apart() - lastApart;
        if (withoutUptime == ClockJumps.SUSPENDED && jumped > APART) {
          long before = suspended;
          suspended = before + jumped;
        }
      } else if (now.uptime.isEmpty()) {
        return; // out of file descriptors, perhaps: the next read looks again
      } else {
        long asleep = now.uptime.getAsLong() - now.monotonic - baseline.getAsLong();
        if (asleep - suspended > RESOLUTION) {
          suspended = asleep;
        }
      }
      lastApart = now.apart();
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
