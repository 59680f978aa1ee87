/**
 * A store in this JVM's memory and the backend over it: for an application's own unit tests, for
 * the simulation of the engine, and for authors of backends to copy from ({@link
 * dev.holdfast.lock.testkit.memory.MemoryLocks}).
 */
@NullMarked
package dev.holdfast.lock.testkit.memory;

import org.jspecify.annotations.NullMarked;
