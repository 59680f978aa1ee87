package dev.holdfast.lock.testkit.fault;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.HoldSink;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Lets the answers to renewals travel the line. */
final class FaultyHolds implements HoldSink {

  private final HoldSink engine;
  private final Wire wire;
  private final Faults faults;

  /** What is to be done to the answer about a claim, where that is anything at all. */
  private final Map<Claim, Fault> fates = new ConcurrentHashMap<>();

  FaultyHolds(HoldSink engine, Wire wire, Faults faults) {
    this.engine = engine;
    this.wire = wire;
    this.faults = faults;
  }

  /** A renewal of {@code claims} is about to be sent; its answers meet {@code fault}. */
  void expect(Collection<Claim> claims, Fault fault) {
    boolean harmless = !fault.loseReply() && fault.replyDelay().isZero();
    for (Claim claim : claims) {
      if (harmless) {
        fates.remove(claim);
      } else {
        fates.put(claim, fault);
      }
    }
  }

  @Override
  public void renewed(Claim claim, Duration validFor, long asOf) {
    answer(claim, () -> engine.renewed(claim, validFor, asOf));
  }

  @Override
  public void gone(Claim claim, LossReason reason) {
    answer(claim, () -> engine.gone(claim, reason));
  }

  private void answer(Claim claim, Runnable message) {
    Fault fault = fates.remove(claim);
    if (fault == null) {
      faults.pass(message);
    } else if (!fault.loseReply()) {
      wire.later(fault.replyDelay(), () -> faults.pass(message));
    }
  }
}
