package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.server.TestServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A store of its own for the fault contract, and power over its servers: the one thing that the
 * author of a backend writes to have {@link NetworkFaultContract}, {@link ServerFaultContract} and
 * {@link ClientFaultContract} run.
 *
 * <p>Only {@link #address} and {@link #uri} must be written; the other methods are powers, each of
 * which opens more tests, once it is named by {@link #powers}. Tests that need a power which is
 * missing are skipped and say so. For one server that a {@link TestServer} runs, {@link #of} is
 * all.
 *
 * <p>Called by one thread at a time. One object serves one test class and is closed after it.
 */
public interface ServerControl extends AutoCloseable {

  /** What may be done to a store. */
  enum Power {
    /** {@link #pause} and {@link #resume}. */
    PAUSE,
    /** {@link #kill} and {@link #start}. */
    KILL,
    /** {@link #promote}. */
    PROMOTE,
    /** {@link #isolate} and {@link #rejoin}. */
    ISOLATE,
    /** {@link #stepClock}. */
    STEP_CLOCK
  }

  /** The server that the holders of the tests speak to; the tests put proxies before it. */
  InetSocketAddress address();

  /**
   * A URI for {@code LockClient.connect}.
   *
   * @param at {@link #address} or a proxy before it
   */
  String uri(InetSocketAddress at);

  /**
   * Where those who wait connect, without a proxy: in an ensemble preferably to other members.
   * Default: where the holders do.
   */
  default String waitersUri() {
    return uri(address());
  }

  /** A client that waits, and does not come through what fails. Default: by {@link #waitersUri}. */
  default LockClient connectWaiter(LockClientOptions options) {
    return LockClient.connect(waitersUri(), options);
  }

  /** A new way for holders, through which faults can be put. Default: a TCP proxy. */
  default FaultPath path() {
    return new ProxyPath(address(), this::uri);
  }

  /** The lease of the tests. Default: 2 s. */
  default Duration lease() {
    return Duration.ofSeconds(2);
  }

  /** How much of {@link #lease} an answer is trusted for. Default: all of it. */
  default Duration trust() {
    return lease();
  }

  /**
   * How long the driver may take to come back after a connection was broken, the store being up: it
   * is no false alarm if that costs a lock whose time is up meanwhile. Default: no time.
   */
  default Duration reconnect() {
    return Duration.ZERO;
  }

  /** What this control can do beyond the network; default: nothing. */
  default Set<Power> powers() {
    return Set.of();
  }

  /**
   * How often a server that was killed comes back with all that it had confirmed. If not ({@code
   * false}), a holder must still be told before the next one is granted its lock.
   */
  default boolean isDurable() {
    return true;
  }

  /** Freezes the server of {@link #address}: connections stay open and are not answered. */
  default void pause() {
    throw new UnsupportedOperationException("pause");
  }

  /** Lets it go on. */
  default void resume() {
    throw new UnsupportedOperationException("resume");
  }

  /** Ends the server of {@link #address} as kill -9 does. */
  default void kill() {
    throw new UnsupportedOperationException("kill");
  }

  /** Starts it again, at the same address; returns when it serves. */
  default void start() {
    throw new UnsupportedOperationException("start");
  }

  /** Kills and starts. */
  default void restart() {
    kill();
    start();
  }

  /**
   * Ends the server of {@link #address} for good and makes another take its place, which has all
   * that was confirmed so far. From now on {@link #address} is that one's.
   */
  default void promote() {
    throw new UnsupportedOperationException("promote");
  }

  /** Cuts the server of {@link #address} off from the other servers; its clients still reach it. */
  default void isolate() {
    throw new UnsupportedOperationException("isolate");
  }

  /** Ends {@link #isolate}. */
  default void rejoin() {
    throw new UnsupportedOperationException("rejoin");
  }

  /** Sets the wall clock of all servers this far off that of this machine; zero ends it. */
  default void stepClock(Duration by) {
    throw new UnsupportedOperationException("stepClock");
  }

  /** Ends the servers. */
  @Override
  void close() throws Exception;

  /**
   * Power over one server: all but promotion, isolation and its clock.
   *
   * @param server closed with the control
   * @param uri what {@link #uri} answers
   */
  static ServerControl of(TestServer server, Function<InetSocketAddress, String> uri) {
    return new OneServer(server, uri, Optional.empty());
  }
}
