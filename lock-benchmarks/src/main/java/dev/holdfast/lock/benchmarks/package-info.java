/** Measures the library side by side with the barest primitive of each store and with its peers. */
@NullMarked
package dev.holdfast.lock.benchmarks;

import org.jspecify.annotations.NullMarked;
