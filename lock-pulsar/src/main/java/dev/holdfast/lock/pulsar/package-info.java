/** Locks in Apache Pulsar, over pulsar-client. */
@NullMarked
package dev.holdfast.lock.pulsar;

import org.jspecify.annotations.NullMarked;
