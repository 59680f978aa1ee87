/**
 * What happened, written down by every process on one clock, and a checker that says whether it was
 * allowed to happen.
 */
@NullMarked
package dev.holdfast.lock.testkit.history;

import org.jspecify.annotations.NullMarked;
