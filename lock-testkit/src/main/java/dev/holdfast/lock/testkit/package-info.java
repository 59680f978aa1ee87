/**
 * Tools for tests of locks, of applications as well as of backends: {@linkplain
 * dev.holdfast.lock.testkit.VirtualTime virtual time} and {@linkplain
 * dev.holdfast.lock.testkit.Await waiting for a condition}; the store in memory, faults, and the
 * contract itself are in the packages below.
 */
@NullMarked
package dev.holdfast.lock.testkit;

import org.jspecify.annotations.NullMarked;
