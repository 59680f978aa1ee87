/**
 * Faults between the engine and any backend, for tests: requests and answers that are lost, late or
 * duplicated ({@link dev.holdfast.lock.testkit.fault.Faults}).
 */
@NullMarked
package dev.holdfast.lock.testkit.fault;

import org.jspecify.annotations.NullMarked;
