package dev.holdfast.lock.benchmarks;

import dev.holdfast.lock.testkit.server.RedisServer;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Redis with an AOF that is synced every second, as most are run: were it synced with every
 * command, the disk would be measured. The limit is SET NX PX and compare-and-delete.
 *
 * <p>Holdfast grants nothing before the server is as old as its lease: that falls into the round to
 * warm up.
 */
final class RedisKind implements StoreKind {

  /** What locks send; not what their scripts do, which the server counts as well. */
  private static final Pattern SENT =
      Pattern.compile("cmdstat_(?:evalsha|eval|set|ping):calls=(\\d+)");

  private static final Contender REDISSON = new Contender("Redisson", RedissonSubject::new);

  @Override
  public String name() {
    return "redis";
  }

  @Override
  public List<Contender> contenders() {
    return List.of(Contender.limit(RedisLimit::new), Contender.HOLDFAST, REDISSON);
  }

  @Override
  public Server start() {
    return new Running(RedisServer.options().line("appendfsync everysec").launch());
  }

  private record Running(RedisServer redis) implements Server {

    @Override
    public String description() {
      return redis.description();
    }

    @Override
    public String uri() {
      return redis.uri();
    }

    @Override
    public OptionalLong operations() {
      return OptionalLong.of(
          SENT.matcher(redis.cli("INFO", "commandstats"))
              .results()
              .map((MatchResult found) -> found.group(1))
              .mapToLong(Long::parseLong)
              .sum());
    }

    @Override
    public void close() {
      redis.close();
    }
  }
}
