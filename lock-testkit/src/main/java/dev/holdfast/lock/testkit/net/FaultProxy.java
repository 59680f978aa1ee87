package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A TCP proxy between clients and a server, in which a test switches faults on and off while it
 * runs.
 *
 * <p><b>Promise.</b> A fault is in force, on open and on new connections, when the method that
 * asked for it returns, and lasts until {@link #heal}. Within a connection and direction bytes
 * never change their order. Ends of streams are subject to the faults as bytes are: behind a
 * stalled or black-holed direction the peer is not told that a connection was closed or reset. The
 * proxy answers on one loopback port for life.
 *
 * <p><b>Threads.</b> Safe for concurrent use. One daemon thread per proxy, named
 * holdfast-proxy-port, serves all connections; nothing is left of it after {@link #close}.
 *
 * <p><b>Limits.</b> The kernel at this end of a connection keeps acknowledging, so a client's TCP
 * keepalive does not notice a black hole. A stalled or delayed direction holds up to 16 MiB per
 * connection and then slows its sender down.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.to(server.address())) {
 *   connect(proxy.address());
 *   proxy.stall(Direction.CLIENT_TO_SERVER);   // requests are held ...
 *   proxy.heal();                              // ... and arrive late
 * }
 * }</pre>
 */
public final class FaultProxy implements AutoCloseable {

  private final ProxyLoop loop;

  private FaultProxy(ProxyLoop loop) {
    this.loop = loop;
  }

  /**
   * Starts a proxy on a free loopback port, without faults.
   *
   * @param target the server; need not be up: a connection that it refuses is reset
   * @return the running proxy
   * @throws UncheckedIOException if no port can be bound
   */
  public static FaultProxy to(InetSocketAddress target) {
    try {
      return new FaultProxy(new ProxyLoop(target));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a proxy to " + target, e);
    }
  }

  /**
   * Where clients connect.
   *
   * @return the loopback address and port, the same for life
   */
  public InetSocketAddress address() {
    return loop.address();
  }

  /**
   * The port of {@link #address}.
   *
   * @return the port
   */
  public int port() {
    return loop.address().getPort();
  }

  /**
   * Where new connections are led.
   *
   * @return the current target
   */
  public InetSocketAddress target() {
    return loop.target();
  }

  /**
   * Leads new connections elsewhere; open ones stay as they are.
   *
   * @param target such as a server that came back on another port
   */
  public void retarget(InetSocketAddress target) {
    loop.target(target);
  }

  /**
   * Resets every connection on both sides and refuses new ones until {@link #heal}, as when the
   * server's process has died. What was stalled or delayed is lost.
   *
   * @throws IllegalStateException if the proxy is closed, as in all methods below
   */
  public void cut() {
    loop.call(
        () -> {
          loop.refuse();
          loop.links().forEach(Link::reset);
        });
  }

  /** Resets every open connection on both sides (RST, not FIN), once; new ones are served. */
  public void reset() {
    loop.call(() -> loop.links().forEach(Link::reset));
  }

  /**
   * On every open connection, tells the receiving side of {@code direction} that the other has
   * closed its output (FIN), behind what was sent so far; drops what the other sends after that.
   * The opposite direction stays open. {@link #heal} does not undo it.
   *
   * @param direction which way ends
   */
  public void halfClose(Direction direction) {
    loop.call(
        () -> {
          long now = System.nanoTime();
          loop.links().forEach(link -> link.halfClose(direction, now));
        });
  }

  /**
   * Accepts, reads and drops everything, until {@link #heal}; then connections that did lose bytes
   * are reset, for no network takes bytes out of the middle of a stream. The server sees
   * connections, and may be the only one to see them closed.
   *
   * @param directions which way; none means both
   */
  public void blackHole(Direction... directions) {
    mode(Lane.Mode.BLACK_HOLE, directions);
  }

  /**
   * Holds everything back until {@link #heal}, which delivers it late: also what a client sent that
   * has closed its connection in the meantime.
   *
   * @param directions which way; none means both
   */
  public void stall(Direction... directions) {
    mode(Lane.Mode.STALL, directions);
  }

  /**
   * Delivers everything later by {@code base} and a random part of {@code jitter}, until {@link
   * #heal} or another call. Later bytes do not wait for earlier ones beyond their order: the delay
   * is latency and takes no bandwidth.
   *
   * @param base the least delay, not negative
   * @param jitter the most that is added, evenly distributed, not negative
   * @param seed of the random numbers; the same seed gives the same delays in order of arrival
   * @param directions which way; none means both (twice the delay per round trip)
   */
  public void delay(Duration base, Duration jitter, long seed, Direction... directions) {
    if (base.isNegative() || jitter.isNegative()) {
      throw new IllegalArgumentException("negative delay: " + base + ", jitter " + jitter);
    }
    loop.call(
        () -> {
          for (Direction direction : orBoth(directions)) {
            lane(direction)
                .delay(
                    base.toNanos(),
                    jitter.toNanos(),
                    direction == Direction.CLIENT_TO_SERVER ? seed : ~seed);
          }
        });
  }

  /**
   * Swallows one reply and keeps its connection: the request is served, and its client does not
   * hear of it.
   *
   * <p>A <i>reply</i> is all that the server sends on one connection after bytes of the client and
   * until the next bytes of the client. It begins with its first byte. So this fits protocols that
   * take turns (JDBC drivers, unpipelined Redis); where requests are pipelined or multiplexed, one
   * reply may answer several requests, and what the server sends unasked belongs to the reply
   * before it. Replies are counted over all connections of the proxy. {@link #droppedReplies} tells
   * when it has happened.
   *
   * @param n which of the replies that begin from now on, 1 being the next (also when its request
   *     is already under way); takes the place of an earlier call that is still counting
   */
  public void dropReply(int n) {
    if (n < 1) {
      throw new IllegalArgumentException("n must be 1 or more, but is " + n);
    }
    loop.call(() -> loop.replies.drop(n));
  }

  /**
   * Ends all faults: accepts connections again, delivers what was stalled or delayed, resets the
   * connections that lost bytes to a black hole, forgets a {@link #dropReply} that did not come to
   * pass.
   */
  public void heal() {
    loop.call(
        () -> {
          loop.lanes.values().forEach(Lane::heal);
          loop.replies.forget();
          loop.welcome();
          long now = System.nanoTime();
          loop.links().forEach(link -> link.heal(now));
        });
  }

  /**
   * How many connections were accepted so far; refused ones do not count.
   *
   * @return the count since the start
   */
  public long acceptedConnections() {
    return loop.accepted.get();
  }

  /**
   * How many connections are open now, on one side at least.
   *
   * @return the count
   */
  public int openConnections() {
    return loop.open();
  }

  /**
   * How many bytes were delivered.
   *
   * @param direction which way
   * @return the count since the start
   */
  public long forwardedBytes(Direction direction) {
    return lane(direction).forwarded.get();
  }

  /**
   * How many bytes were read and never delivered: into a black hole, as a dropped reply, behind a
   * half-close.
   *
   * @param direction which way
   * @return the count since the start
   */
  public long droppedBytes(Direction direction) {
    return lane(direction).dropped.get();
  }

  /**
   * How many replies were swallowed by {@link #dropReply}.
   *
   * @return the count since the start; a reply counts from its first byte
   */
  public long droppedReplies() {
    return loop.replies.dropped.get();
  }

  /** Resets all connections and frees the port; idempotent. Counts can still be read. */
  @Override
  public void close() {
    loop.close();
  }

  @Override
  public String toString() {
    return "proxy " + port() + " -> " + target();
  }

  private void mode(Lane.Mode mode, Direction... directions) {
    loop.call(
        () -> {
          for (Direction direction : orBoth(directions)) {
            lane(direction).mode(mode);
          }
        });
  }

  private static List<Direction> orBoth(Direction... directions) {
    return List.of(directions.length == 0 ? Direction.values() : directions);
  }

  private Lane lane(Direction direction) {
    return Objects.requireNonNull(loop.lanes.get(direction));
  }
}
