/**
 * What the author of a backend implements: {@link dev.holdfast.lock.spi.LockBackend}, found by
 * {@link dev.holdfast.lock.spi.LockBackendProvider} or given in code as a {@link
 * dev.holdfast.lock.spi.LockBackendFactory}.
 *
 * <p>A backend speaks its store's language and nothing else. Deadlines, retries, polling, the local
 * queue, timeouts, interruption, callbacks and clean-up belong to the engine.
 */
@NullMarked
package dev.holdfast.lock.spi;

import org.jspecify.annotations.NullMarked;
