/**
 * What applications use: {@link dev.holdfast.lock.LockClient}, {@link
 * dev.holdfast.lock.DistributedLock}, {@link dev.holdfast.lock.LockHandle} and {@link
 * dev.holdfast.lock.LeaderLatch}.
 *
 * <p>The rules that these keep are numbered in CONTRACT.md; a Javadoc that cites "L1" means that
 * page.
 */
@NullMarked
package dev.holdfast.lock;

import org.jspecify.annotations.NullMarked;
