/** Locks in etcd, over jetcd. */
@NullMarked
package dev.holdfast.lock.etcd;

import org.jspecify.annotations.NullMarked;
