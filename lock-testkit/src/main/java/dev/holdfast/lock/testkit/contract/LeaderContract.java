package dev.holdfast.lock.testkit.contract;

/**
 * The whole contract of {@link dev.holdfast.lock.LeaderLatch}; extended like {@link LockContract}.
 */
public abstract class LeaderContract extends Contract
    implements LeadershipContract, OutageContract {

  /** For the class of a backend. */
  protected LeaderContract() {}
}
