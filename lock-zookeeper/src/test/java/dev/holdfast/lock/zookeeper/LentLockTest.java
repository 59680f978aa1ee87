package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.testkit.contract.CloseContract;
import dev.holdfast.lock.testkit.contract.Contract;
import dev.holdfast.lock.testkit.contract.ExclusionContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.LossContract;
import dev.holdfast.lock.testkit.contract.NamesContract;
import dev.holdfast.lock.testkit.contract.ReleaseContract;
import dev.holdfast.lock.testkit.contract.RenewalContract;
import dev.holdfast.lock.testkit.contract.WaitingContract;
import dev.holdfast.lock.testkit.contract.WithdrawalContract;

/**
 * The application's own framework, with a namespace, under those parts of the contract in which it
 * is another way to the store.
 */
class LentLockTest extends Contract
    implements ExclusionContract,
        NamesContract,
        LossContract,
        RenewalContract,
        WaitingContract,
        WithdrawalContract,
        ReleaseContract,
        CloseContract {

  @Override
  protected LockFixture openFixture() throws Exception {
    return new LentFixture();
  }
}
