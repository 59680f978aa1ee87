/**
 * Faults on the wire: a TCP proxy between a client and its store that cuts, stalls, drops and
 * delays on demand while it runs.
 */
@NullMarked
package dev.holdfast.lock.testkit.net;

import org.jspecify.annotations.NullMarked;
