/**
 * A small store that is a process of its own, with a file for what it confirms: so that the fault
 * contract itself can be tested by what happens to real processes and connections.
 */
package dev.holdfast.lock.testkit.tiny;
