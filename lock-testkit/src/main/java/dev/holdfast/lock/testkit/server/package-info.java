/**
 * Real stores for tests: found in the environment, in Docker, on the PATH or on the class path, and
 * then started, paused, killed and restarted on the same data and port.
 */
@NullMarked
package dev.holdfast.lock.testkit.server;

import org.jspecify.annotations.NullMarked;
