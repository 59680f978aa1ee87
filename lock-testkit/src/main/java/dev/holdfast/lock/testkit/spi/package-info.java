/** What a test of a backend needs that asks it directly, with no engine between. */
@NullMarked
package dev.holdfast.lock.testkit.spi;

import org.jspecify.annotations.NullMarked;
