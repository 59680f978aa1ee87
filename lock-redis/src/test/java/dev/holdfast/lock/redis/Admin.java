package dev.holdfast.lock.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An operator's connection to one server. */
final class Admin implements AutoCloseable {

  private static final Pattern SCRIPTS = Pattern.compile("cmdstat_(?:evalsha|eval):calls=(\\d+)");

  private static final Pattern CLIENTS = Pattern.compile("connected_clients:(\\d+)");

  private final ClientResources resources;
  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;

  private Admin(String uri) {
    resources =
        DefaultClientResources.builder()
            .threadFactoryProvider(pool -> new DefaultThreadFactory("admin-" + pool))
            .build();
    client = RedisClient.create(resources, uri);
    connection = client.connect();
  }

  static Admin of(String uri) {
    return new Admin(uri);
  }

  RedisCommands<String, String> commands() {
    return connection.sync();
  }

  /** Whether it is one of the threads of these connections. */
  static boolean isThread(Thread thread) {
    return thread.getName().startsWith("admin-");
  }

  /** Lets the server pass for one that is older than {@code maxLease}. */
  void introduce(Duration maxLease) {
    for (Script script : Scripts.of(maxLease).granting()) {
      commands().scriptLoad(script.text());
    }
  }

  /** How many keys there are, records left out; {@code KEYS} does not show what has expired. */
  long keys() {
    return commands().keys("*").stream().filter(key -> !key.startsWith("holdfast:record:")).count();
  }

  /** What is of clients: all but the records, and the last tokens, which go a lease later. */
  static long residue(List<String> keys) {
    return keys.stream()
        .filter(key -> !key.isBlank())
        .filter(key -> !key.startsWith("holdfast:record:") && !key.startsWith("holdfast:fence:"))
        .count();
  }

  /** How many scripts clients have run: all that ours send once they are connected. */
  long scriptsRun() {
    return scriptsRun(commands().info("commandstats"));
  }

  static long scriptsRun(String commandStats) {
    return sum(SCRIPTS, commandStats);
  }

  long clients() {
    return sum(CLIENTS, commands().info("clients"));
  }

  long channels() {
    return commands().pubsubChannels("holdfast:*").size();
  }

  private static long sum(Pattern number, String text) {
    long sum = 0;
    Matcher matcher = number.matcher(text);
    while (matcher.find()) {
      sum += Long.parseLong(matcher.group(1));
    }
    return sum;
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    var unused = resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}
