package dev.holdfast.lock.benchmarks;

import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.SetArgs;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.UUID;

/**
 * The barest lock in Redis, over one connection of Lettuce: {@code SET NX PX}, and a script that
 * compares and deletes. It renews nothing, tells nothing, and waits by asking again.
 */
final class RedisLimit implements Subject {

  private static final String DELETE_IF_MINE =
      "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return"
          + " 0";

  private static final SetArgs FREE = SetArgs.Builder.nx().px(Duration.ofSeconds(15));

  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final String delete;

  RedisLimit(String uri) {
    client = RedisClient.create(uri);
    commands = client.connect().sync();
    delete = commands.scriptLoad(DELETE_IF_MINE);
  }

  @Override
  public Held acquire(String lock) {
    String owner = UUID.randomUUID().toString();
    String key = "limit:" + lock;
    while (commands.set(key, owner, FREE) == null) {
      Polling.pause();
    }
    String[] keys = {key};
    return () -> commands.<Long>evalsha(delete, ScriptOutputType.INTEGER, keys, owner) == 1;
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
  }
}
