/** Worker JVMs that a test starts, pauses and kills, and the shared way to wait for something. */
@NullMarked
package dev.holdfast.lock.testkit.process;

import org.jspecify.annotations.NullMarked;
