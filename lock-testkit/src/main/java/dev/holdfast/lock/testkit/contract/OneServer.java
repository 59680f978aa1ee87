package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.server.TestServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A store that is one server. May be extended where a store can do more.
 *
 * <p>Not thread-safe, as {@link ServerControl} says.
 */
public class OneServer implements ServerControl {

  private TestServer server;
  private final Function<InetSocketAddress, String> uri;
  private final Optional<WallClock> clock;

  /**
   * Takes power over a server.
   *
   * @param server closed with this
   * @param uri a URI for the address of the server or of a proxy before it
   * @param clock the clock that the server was started under, if it was; closed with this
   */
  public OneServer(
      TestServer server, Function<InetSocketAddress, String> uri, Optional<WallClock> clock) {
    this.server = server;
    this.uri = uri;
    this.clock = clock;
  }

  @Override
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public String uri(InetSocketAddress at) {
    return uri.apply(at);
  }

  /** For a server of others, none. */
  @Override
  public Set<Power> powers() {
    EnumSet<Power> powers = EnumSet.noneOf(Power.class);
    if (server.isControllable()) {
      powers.add(Power.PAUSE);
      powers.add(Power.KILL);
      if (clock.isPresent()) {
        powers.add(Power.STEP_CLOCK);
      }
    }
    return powers;
  }

  @Override
  public void pause() {
    server.pause();
  }

  @Override
  public void resume() {
    server.resume();
  }

  @Override
  public void kill() {
    server.kill();
  }

  @Override
  public void start() {
    server.start();
  }

  @Override
  public void stepClock(Duration by) {
    clock.orElseThrow().step(by);
  }

  /** The server of {@link #address} was killed, and this one is in its place. */
  protected final void replaceBy(TestServer successor) {
    server.close();
    server = successor;
  }

  @Override
  public void close() throws Exception {
    server.close();
    clock.ifPresent(WallClock::close);
  }
}
