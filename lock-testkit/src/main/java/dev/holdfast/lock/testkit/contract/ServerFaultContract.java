package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.spi.LockCapabilities.LeaseClock;
import dev.holdfast.lock.spi.LockCapabilities.LeaseScope;
import dev.holdfast.lock.testkit.contract.ServerControl.Power;
import java.time.Duration;
import java.util.Comparator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What may happen to a store itself. See {@link FaultContract}. The test that replaces the server
 * comes last: what its successor can do is another matter.
 */
@TestMethodOrder(ServerFaultContract.ReplacementLast.class)
public abstract class ServerFaultContract extends FaultContract {

  private static final Duration HOUR = Duration.ofHours(1);

  /** A server that was killed needs seconds to come back: so that it can be in time. */
  private static final int RESTART_LEASES = 4;

  /** For the class of a backend. */
  protected ServerFaultContract() {}

  /** L3: a server that stands still for a moment costs nothing; then L1. */
  @Test
  public void serverFrozen_forAMoment_costsNothing() throws Exception {
    requires(Power.PAUSE, "L3");
    try (FaultTrial trial =
        FaultTrial.toKeep("server frozen for a moment, then a black hole", this)) {
      control().pause();
      try {
        pass(trial.moment());
      } finally {
        control().resume();
      }
      trial.allKept();
      trial.passARandomPhase();
      trial.path().blackHole();
      trial.lossThenGrants();
    }
  }

  /** L1: a server that stands still for longer than the lease, and then answers everything. */
  @Test
  public void serverFrozen_forLong_holdersAreToldFirst() throws Exception {
    requires(Power.PAUSE, "L1");
    try (FaultTrial trial = FaultTrial.toKeep("server frozen for longer than the lease", this)) {
      control().pause();
      try {
        pass(trial.lease());
        trial.lossThen(control()::resume);
      } finally {
        control().resume();
      }
      // Under a session the waiters' leases ran out in that time as well: one of them may be
      // granted
      // a lock by a session that the server, awake again, is about to end, and is told so.
      if (capabilities().leaseScope() == LeaseScope.LOCK) {
        trial.grantsLast();
      }
    }
  }

  /**
   * L3: a server that was killed and is back at once costs nothing, if it comes back with its data;
   * if it does not, or took too long, L1.
   */
  @Test
  public void serverKilled_andBackAtOnce_costsNothing() throws Exception {
    requires(Power.KILL, "L3");
    Duration lease = control().lease().multipliedBy(RESTART_LEASES);
    String fault =
        control().isDurable() ? "kill -9, back at once" : "kill -9, back at once without its data";
    try (FaultTrial trial = FaultTrial.held(fault, this, lease, false)) {
      control().restart();
      if (control().isDurable() && trial.awaitRenewals()) {
        trial.allKept();
        trial.releaseAll();
        return;
      }
      if (control().isDurable()) {
        trial.path().blackHole(); // for those that were renewed, others not
      }
      trial.lossThenGrants();
    }
  }

  /** L1: a server that was killed and is away for longer than the lease. */
  @Test
  public void serverKilled_andAwayForLong_holdersAreToldFirst() throws Exception {
    requires(Power.KILL, "L1");
    try (FaultTrial trial = FaultTrial.toKeep("kill -9, back after the lease", this)) {
      control().kill();
      try {
        pass(trial.lease());
        trial.lossThen(control()::start);
      } finally {
        control().start();
      }
      trial.grantsLast();
    }
  }

  /** L3: another server takes the place of the one that was killed, with its data; then L1. */
  @Test
  public void serverReplaced_costsNothing() throws Exception {
    requires(Power.PROMOTE, "L3");
    Duration lease = control().lease().multipliedBy(RESTART_LEASES);
    try (FaultTrial trial =
        FaultTrial.held("killed and replaced, then a black hole", this, lease, true)) {
      control().promote();
      trial.redirect();
      if (trial.awaitRenewals()) {
        trial.allKept();
      }
      trial.path().blackHole();
      trial.lossThenGrants();
    }
  }

  /** L1: a server that has lost all others, and does not know or does not say so. */
  @Test
  public void serverIsolated_holdersAreToldFirst() throws Exception {
    requires(Power.ISOLATE, "L1");
    try (FaultTrial trial = FaultTrial.toKeep("server cut off from the others", this)) {
      control().isolate();
      try {
        trial.lossThenGrants();
      } finally {
        control().rejoin();
      }
      trial.grantsLast();
    }
  }

  /**
   * L1: the store's wall clock an hour ahead. Where it counts leases, they end at once, which is
   * the exception that L1 declares: the holders are told by their next renewal.
   */
  @Test
  public void serversClock_anHourAhead_endsNoLease() throws Exception {
    requires(Power.STEP_CLOCK, "L1");
    String fault = "server's clock an hour ahead";
    Duration late;
    try (FaultTrial trial = FaultTrial.toKeep(fault, this)) {
      control().stepClock(HOUR);
      if (capabilities().leaseClock() != LeaseClock.WALL) {
        pass(trial.lease());
        trial.allKept();
        trial.path().blackHole();
        trial.lossThenGrants();
        return;
      }
      late = trial.latestNotice();
      assertThat(late)
          .as("L1: the latest notice, counted from the next grant (%s)", fault)
          .isLessThan(trial.period().plus(scaled(Duration.ofMillis(1_500))));
      assertThat(trial.violations()).as("F1").noneMatch(violation -> violation.startsWith("F1"));
    } finally {
      control().stepClock(Duration.ZERO);
    }
    declaredException(
        "L1",
        fault,
        "leases go by that clock; told up to %d ms after the next grant, all tokens in order"
            .formatted(Math.max(0, late.toMillis())));
  }

  /** L3: the store's wall clock an hour behind; and tokens still increase (F1). */
  @Test
  public void serversClock_anHourBehind_costsNothing() throws Exception {
    requires(Power.STEP_CLOCK, "L3");
    try (FaultTrial trial = FaultTrial.toKeep("server's clock an hour behind", this)) {
      control().stepClock(HOUR.negated());
      pass(trial.lease());
      trial.allKept();
      trial.releaseAll();
    } finally {
      control().stepClock(Duration.ZERO);
    }
  }

  static final class ReplacementLast implements MethodOrderer {
    @Override
    public void orderMethods(MethodOrdererContext context) {
      context
          .getMethodDescriptors()
          .sort(
              Comparator.comparing(
                  test -> test.getMethod().getName().equals("serverReplaced_costsNothing")));
    }
  }
}
