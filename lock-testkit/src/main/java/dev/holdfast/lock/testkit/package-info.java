/** Tools to hold a lock to its contract; what every test needs lies here, the rest below. */
@NullMarked
package dev.holdfast.lock.testkit;

import org.jspecify.annotations.NullMarked;
