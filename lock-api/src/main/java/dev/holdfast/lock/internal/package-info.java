/** The engine. Not exported: ARCHITECTURE.md says how its parts work together. */
@NullMarked
package dev.holdfast.lock.internal;

import org.jspecify.annotations.NullMarked;
