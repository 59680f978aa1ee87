/**
 * The contract as JUnit classes. The author of a backend extends {@link
 * dev.holdfast.lock.testkit.contract.LockContract}, {@link
 * dev.holdfast.lock.testkit.contract.LeaderContract}, {@link
 * dev.holdfast.lock.testkit.contract.MarginContract} and, if other processes can reach the store,
 * {@link dev.holdfast.lock.testkit.contract.ProcessContract}, returns a {@link
 * dev.holdfast.lock.testkit.contract.LockFixture} from each, and overrides nothing else. What the
 * store lacks by its own declaration shows as skipped, with the reason.
 */
@NullMarked
package dev.holdfast.lock.testkit.contract;

import org.jspecify.annotations.NullMarked;
