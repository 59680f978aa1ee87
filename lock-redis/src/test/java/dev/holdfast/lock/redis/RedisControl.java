package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.contract.OneServer;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.process.WallClock;
import dev.holdfast.lock.testkit.server.RedisServer;
import dev.holdfast.lock.testkit.server.RedisServerOptions;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Redis for the fault contract, and where it is asked for a replica to put in its place. */
final class RedisControl extends OneServer {

  private final Optional<RedisServer> replica;
  private final RedisServer first;

  private RedisControl(
      RedisServer master, Optional<RedisServer> replica, Optional<WallClock> clock) {
    super(master, at -> master.uri(at.getHostString(), at.getPort()), clock);
    this.first = master;
    this.replica = replica;
  }

  static ServerControl alone() {
    return new RedisControl(RedisServer.launch(), Optional.empty(), Optional.empty());
  }

  static ServerControl withReplicaAndClock() {
    Optional<WallClock> clock = WallClock.create();
    RedisServerOptions options = RedisServer.options();
    clock.ifPresent(own -> own.environment().forEach(options::environment));
    RedisServer master = options.launch();
    RedisServer replica = RedisServer.options().replicaOf(master).launch();
    return new RedisControl(master, Optional.of(replica), clock);
  }

  @Override
  public Set<Power> powers() {
    Set<Power> powers = EnumSet.copyOf(super.powers());
    if (replica.isPresent()) {
      powers.add(Power.PROMOTE);
    }
    return powers;
  }

  /** When all is replicated: what is not is the exception that CONTRACT.md, L1, declares. */
  @Override
  public void promote() {
    RedisServer next = replica.orElseThrow();
    long confirmed = offset(first, "master_repl_offset");
    Await.until(
        "the replica to have all",
        Duration.ofSeconds(20),
        () -> offset(next, "slave_repl_offset") >= confirmed);
    kill();
    next.promote();
    replaceBy(next);
  }

  private static long offset(RedisServer server, String field) {
    Matcher offset = Pattern.compile(field + ":(\\d+)").matcher(server.cli("INFO", "replication"));
    return offset.find() ? Long.parseLong(offset.group(1)) : -1;
  }

  @Override
  public void close() throws Exception {
    replica.ifPresent(RedisServer::close);
    super.close();
  }
}
