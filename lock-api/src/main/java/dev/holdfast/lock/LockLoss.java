package dev.holdfast.lock;

/**
 * What a holder is told when its lock is lost.
 *
 * @param lockName the lock
 * @param fencingToken the token of the grant that was lost
 * @param reason why
 */
public record LockLoss(String lockName, long fencingToken, LossReason reason) {}
