/**
 * Backends with one defect each, all of which the contract must catch: the test of the tests. They
 * are decorators of the store in memory, so what is wrong is all that one reads.
 */
package dev.holdfast.lock.testkit.broken;
