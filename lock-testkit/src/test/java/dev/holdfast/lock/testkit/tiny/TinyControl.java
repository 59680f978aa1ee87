package dev.holdfast.lock.testkit.tiny;

import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.net.FreePorts;
import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.process.WorkerBuilder;
import dev.holdfast.lock.testkit.process.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Power over a {@link TinyServer}. */
public final class TinyControl implements ServerControl {

  private final int port = FreePorts.next();
  private final Optional<WallClock> clock = WallClock.create();
  private final String scheme;
  private final String query;
  private final Path file;
  private WorkerProcess server;

  public TinyControl() throws IOException {
    this("tiny", "");
  }

  /** With another backend over that of the server. */
  public TinyControl(String scheme, String query) throws IOException {
    this.scheme = scheme;
    this.query = query;
    this.file = Files.createTempDirectory("holdfast-tiny-").resolve("grants");
    this.server = launch();
  }

  private WorkerProcess launch() {
    WorkerBuilder builder =
        WorkerProcess.builder("dev.holdfast.lock.testkit.tiny.TinyServer")
            .jvmOptions("-XX:TieredStopAtLevel=1", "-Xmx64m")
            .arguments(Integer.toString(port), file.toString());
    clock.ifPresent(own -> own.environment().forEach(builder::environment));
    WorkerProcess started = builder.start();
    started.awaitLine("ready", Duration.ofSeconds(30));
    return started;
  }

  @Override
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  @Override
  public String uri(InetSocketAddress at) {
    return scheme + "://127.0.0.1:" + at.getPort() + query;
  }

  @Override
  public Set<Power> powers() {
    Set<Power> powers = EnumSet.of(Power.PAUSE, Power.KILL);
    if (clock.isPresent()) {
      powers.add(Power.STEP_CLOCK);
    }
    return powers;
  }

  @Override
  public void pause() {
    server.stop();
  }

  @Override
  public void resume() {
    server.cont();
  }

  @Override
  public void kill() {
    server.kill9();
  }

  @Override
  public void start() {
    if (!server.isAlive()) {
      server = launch();
    }
  }

  @Override
  public void stepClock(Duration by) {
    clock.orElseThrow().step(by);
  }

  @Override
  public void close() throws IOException {
    server.close();
    clock.ifPresent(WallClock::close);
    Files.deleteIfExists(file);
    Files.deleteIfExists(file.getParent());
  }
}
