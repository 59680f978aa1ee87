package dev.holdfast.lock.spi;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/**
 * Everything that a client takes from the world: time, threads and chance. The one place where a
 * test puts in its own, so that a whole client runs in a deterministic simulation.
 *
 * @param ticker the clock that decides
 * @param timer runs deadlines and renewals, on one thread, and never waits for I/O
 * @param callbacks runs the listeners of users; one that blocks must not delay another, so it grows
 *     on demand
 * @param workers runs calls that may block: a blocking backend's renewals, withdrawals and
 *     asynchronous claims; grows on demand
 * @param random spreads polls and retries
 * @param virtualTime true when {@code ticker} does not advance with real time; a thread that waits
 *     is then woken by {@code timer} alone
 */
public record ClientEnvironment(
    Ticker ticker,
    ScheduledExecutorService timer,
    Executor callbacks,
    Executor workers,
    RandomGenerator random,
    boolean virtualTime) {}
