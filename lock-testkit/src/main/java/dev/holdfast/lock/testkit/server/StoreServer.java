package dev.holdfast.lock.testkit.server;

import java.util.List;

/** What the servers of all stores have in common: they pass everything on and are reported. */
abstract class StoreServer implements TestServer {

  private final TestServer server;

  StoreServer(TestServer server) {
    this.server = server;
    ServerReport.add(server.description());
  }

  @Override
  public final String host() {
    return server.host();
  }

  @Override
  public final int port() {
    return server.port();
  }

  @Override
  public final boolean isControllable() {
    return server.isControllable();
  }

  @Override
  public final boolean isRunning() {
    return server.isRunning();
  }

  @Override
  public final void start() {
    server.start();
  }

  @Override
  public final void stop() {
    server.stop();
  }

  @Override
  public final void kill() {
    server.kill();
  }

  @Override
  public final void pause() {
    server.pause();
  }

  @Override
  public final void resume() {
    server.resume();
  }

  @Override
  public final String description() {
    return server.description();
  }

  @Override
  public final List<String> logLines() {
    return server.logLines();
  }

  @Override
  public final void close() {
    server.close();
    closeCompanions();
  }

  /** Ends what was started beside the server. */
  void closeCompanions() {}

  @Override
  public final String toString() {
    return server.toString();
  }
}
