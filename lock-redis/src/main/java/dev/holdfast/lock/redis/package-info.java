/** Locks in Redis or Valkey, over Lettuce. */
@NullMarked
package dev.holdfast.lock.redis;

import org.jspecify.annotations.NullMarked;
