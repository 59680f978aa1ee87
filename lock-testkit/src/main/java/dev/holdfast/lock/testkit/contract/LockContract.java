package dev.holdfast.lock.testkit.contract;

/**
 * The whole contract of {@link dev.holdfast.lock.DistributedLock}. Takes about a minute with a
 * lease of 2 s.
 *
 * <pre>{@code
 * class MyStoreLockTest extends LockContract {
 *   @Override
 *   protected LockFixture openFixture() {
 *     return new MyStoreFixture();
 *   }
 * }
 * }</pre>
 */
public abstract class LockContract extends Contract
    implements ExclusionContract,
        NamesContract,
        LossContract,
        RenewalContract,
        FencingContract,
        WaitingContract,
        WithdrawalContract,
        ReleaseContract,
        CloseContract,
        WorkContract,
        ReentrantContract,
        AsyncContract,
        KnowledgeContract,
        RecordsContract,
        BadInputContract,
        ScaleContract {

  /** For the class of a backend. */
  protected LockContract() {}
}
