package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.contract.FaultPath;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Faults;
import dev.holdfast.lock.testkit.fault.Operation;
import dev.holdfast.lock.testkit.memory.MemoryStore.Mode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * A store in memory for the fault contract: its network and its server are lines that lose, hold or
 * refuse what is sent.
 */
public class MemoryControl implements ServerControl {

  private final MemoryStore store;
  private final UnaryOperator<LockBackendFactory> backend;
  private final Faults server = new Faults();

  public MemoryControl(Mode mode) {
    this(MemoryStore.create(mode), healthy -> healthy);
  }

  /** With a backend of ours over that of the store, behind its network. */
  public MemoryControl(MemoryStore store, UnaryOperator<LockBackendFactory> backend) {
    this.store = store;
    this.backend = backend;
  }

  @Override
  public Duration lease() {
    return Duration.ofMillis(1500);
  }

  @Override
  public InetSocketAddress address() {
    throw new UnsupportedOperationException("no network");
  }

  @Override
  public String uri(InetSocketAddress at) {
    throw new UnsupportedOperationException("no network");
  }

  private LockClient connect(Faults line, LockClientOptions options) {
    LockBackendFactory healthy = line.wrap(server.wrap(MemoryLocks.over(store)));
    return LockClient.over(backend.apply(healthy), options);
  }

  @Override
  public LockClient connectWaiter(LockClientOptions options) {
    return connect(new Faults(), options);
  }

  @Override
  public FaultPath path() {
    return new Path();
  }

  @Override
  public Set<Power> powers() {
    return EnumSet.of(Power.PAUSE, Power.KILL);
  }

  @Override
  public void pause() {
    server.stall();
  }

  @Override
  public void resume() {
    server.heal();
  }

  /** As if all that was stored had been on a disk. */
  @Override
  public void kill() {
    always(server, Fault.fail("connection refused"));
  }

  @Override
  public void start() {
    always(server, Fault.NONE);
  }

  @Override
  public void close() {}

  private static void always(Faults line, Fault fault) {
    for (Operation operation : Operation.values()) {
      line.always(operation, fault);
    }
  }

  private final class Path implements FaultPath {

    private final Faults line = new Faults();

    @Override
    public LockClient connect(LockClientOptions options) {
      return MemoryControl.this.connect(line, options);
    }

    @Override
    public void blackHole() {
      line.blackHole();
    }

    @Override
    public void loseRequests() {
      always(line, Fault.loseTheRequest());
    }

    @Override
    public void loseReplies() {
      always(line, Fault.loseTheReply());
    }

    @Override
    public void cut() {
      always(line, Fault.fail("connection refused"));
    }

    /** What is answered at once is not under way, and there is nothing else to break. */
    @Override
    public void reset() {}

    @Override
    public void stall() {
      line.stall();
    }

    @Override
    public void delayReplies(Duration by) {
      always(line, Fault.delayTheReply(by));
    }

    @Override
    public void heal() {
      always(line, Fault.NONE);
      line.heal();
    }

    @Override
    public void close() {}
  }
}
