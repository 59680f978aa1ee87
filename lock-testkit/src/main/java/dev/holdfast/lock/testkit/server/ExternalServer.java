package dev.holdfast.lock.testkit.server;

import java.util.List;

/** A server of somebody else, known by its address only. */
record ExternalServer(String host, int port, String description) implements TestServer {

  @Override
  public boolean isControllable() {
    return false;
  }

  @Override
  public boolean isRunning() {
    return true;
  }

  @Override
  public void start() {
    throw notOurs();
  }

  @Override
  public void stop() {
    throw notOurs();
  }

  @Override
  public void kill() {
    throw notOurs();
  }

  @Override
  public void pause() {
    throw notOurs();
  }

  @Override
  public void resume() {
    throw notOurs();
  }

  @Override
  public List<String> logLines() {
    return List.of();
  }

  @Override
  public void close() {
    // not ours to end
  }

  private UnsupportedOperationException notOurs() {
    return new UnsupportedOperationException(
        description + " was given by its address and cannot be controlled from here");
  }
}
