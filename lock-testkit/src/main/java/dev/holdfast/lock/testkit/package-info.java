/**
 * Tools for tests of locks, of applications as well as of backends: {@linkplain
 * dev.holdfast.lock.testkit.VirtualTime virtual time} and {@linkplain
 * dev.holdfast.lock.testkit.Await waiting for a condition}. The contract, the store in memory,
 * faults, worker processes, servers and histories are in the packages below.
 */
@NullMarked
package dev.holdfast.lock.testkit;

import org.jspecify.annotations.NullMarked;
