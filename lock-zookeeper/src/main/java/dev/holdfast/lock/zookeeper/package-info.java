/**
 * Locks in ZooKeeper, over Curator: one ephemeral sequential node per claim. {@link
 * dev.holdfast.lock.zookeeper.ZooKeeperLocks} is the way in.
 */
@NullMarked
package dev.holdfast.lock.zookeeper;

import org.jspecify.annotations.NullMarked;
