/** Small programs that show how the library is used; each is run by a test. */
@NullMarked
package dev.holdfast.lock.examples;

import org.jspecify.annotations.NullMarked;
