/**
 * The soak: several processes use several locks of one store while their processes, their network
 * and the store suffer random faults, and all that happened is checked. Runs on any backend whose
 * provider is on the class path, by {@link dev.holdfast.lock.testkit.soak.SoakCommand}.
 */
@NullMarked
package dev.holdfast.lock.testkit.soak;

import org.jspecify.annotations.NullMarked;
