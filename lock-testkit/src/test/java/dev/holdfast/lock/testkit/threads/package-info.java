/** Virtual threads, which the Java that builds the project may not have. */
package dev.holdfast.lock.testkit.threads;
