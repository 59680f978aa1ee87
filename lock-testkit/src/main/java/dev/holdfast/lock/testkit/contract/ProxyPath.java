package dev.holdfast.lock.testkit.contract;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Function;

/** A way through a TCP proxy. */
final class ProxyPath implements FaultPath {

  private final FaultProxy proxy;
  private final String uri;
  private final Runnable end;

  ProxyPath(InetSocketAddress server, Function<InetSocketAddress, String> uri) {
    this.proxy = FaultProxy.to(server);
    this.uri = uri.apply(proxy.address());
    this.end = proxy::close;
  }

  ProxyPath(FaultProxy proxy, String uri, Runnable end) {
    this.proxy = proxy;
    this.uri = uri;
    this.end = end;
  }

  String uri() {
    return uri;
  }

  @Override
  public LockClient connect(LockClientOptions options) {
    return LockClient.connect(uri, options);
  }

  @Override
  public void blackHole() {
    proxy.blackHole();
  }

  @Override
  public void loseRequests() {
    proxy.blackHole(Direction.CLIENT_TO_SERVER);
  }

  @Override
  public void loseReplies() {
    proxy.blackHole(Direction.SERVER_TO_CLIENT);
  }

  @Override
  public void cut() {
    proxy.cut();
  }

  @Override
  public void reset() {
    proxy.reset();
  }

  @Override
  public void stall() {
    proxy.stall();
  }

  @Override
  public void delayReplies(Duration by) {
    proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
  }

  @Override
  public boolean canHalfClose() {
    return true;
  }

  @Override
  public void endRequests() {
    proxy.halfClose(Direction.CLIENT_TO_SERVER);
  }

  @Override
  public void endReplies() {
    proxy.halfClose(Direction.SERVER_TO_CLIENT);
  }

  @Override
  public void redirect(ServerControl control) {
    proxy.retarget(control.address());
    proxy.reset();
  }

  @Override
  public void heal() {
    proxy.heal();
  }

  @Override
  public void close() {
    end.run();
  }
}
