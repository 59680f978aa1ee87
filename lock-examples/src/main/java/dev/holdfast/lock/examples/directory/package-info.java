/**
 * A backend that is none of Holdfast's: lock files in a directory. docs/custom-backend.md walks
 * through it.
 */
@NullMarked
package dev.holdfast.lock.examples.directory;

import org.jspecify.annotations.NullMarked;
