package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.broken.Defect.Shared;
import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;
import dev.holdfast.lock.testkit.memory.MemoryFixture;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The contract over a broken backend. Run by {@link BrokenBackendsTest} alone: Surefire does not
 * find classes of these names.
 */
final class BrokenSubjects {

  /** What the next subject gets wrong. JUnit makes the subjects, so it cannot be an argument. */
  static volatile Defect defect = Defect.TOKEN_RESTARTS;

  private BrokenSubjects() {}

  static final class Lock extends LockContract {
    @Override
    protected LockFixture openFixture() {
      return new BrokenFixture(defect);
    }
  }

  static final class Margin extends MarginContract {
    @Override
    protected LockFixture openFixture() {
      return new BrokenFixture(defect);
    }
  }

  /** The fixture of the store in memory, with the broken backend over the healthy one. */
  private static final class BrokenFixture implements LockFixture {
    private final MemoryFixture healthy;
    private final Defect defect;
    private final Shared shared;

    BrokenFixture(Defect defect) {
      this.healthy = new MemoryFixture(defect.mode);
      this.defect = defect;
      this.shared = new Shared(healthy.store());
    }

    @Override
    public LockBackendFactory connect() {
      return context -> defect.way.open(healthy.connect(), context, shared);
    }

    @Override
    public void deleteRecord(String name) {
      healthy.deleteRecord(name);
    }

    @Override
    public Duration lease() {
      return Duration.ofMillis(1500);
    }

    @Override
    public OptionalLong residue() {
      return healthy.residue();
    }

    @Override
    public OptionalLong operations() {
      return healthy.operations();
    }

    @Override
    public boolean delayReplies(Duration by) {
      return healthy.delayReplies(by);
    }
  }
}
