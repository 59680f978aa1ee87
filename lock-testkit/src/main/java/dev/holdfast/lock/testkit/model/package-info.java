/**
 * A search through all states of a small model of a protocol: every order of its steps, messages
 * lost, doubled and late, clocks that run apart. What it finds no schedule of a real run may ever
 * show; what it does not find, in all states of the model, cannot happen in the model.
 */
@NullMarked
package dev.holdfast.lock.testkit.model;

import org.jspecify.annotations.NullMarked;
