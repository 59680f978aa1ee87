package dev.holdfast.lock.redis;

import dev.holdfast.lock.redis.Call.Reply;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The record and the switch: a hash beside the lock, which does not expire. */
final class RedisRecords implements LockRecords {

  private static final String TEXT = "text";

  private static final String OFF = "off";

  private final Servers servers;
  private final Calls calls;
  private final Line line;
  private final Script write;

  RedisRecords(Servers servers, Calls calls, Line line, Script write) {
    this.servers = servers;
    this.calls = calls;
    this.line = line;
    this.write = write;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    String key = RedisKeys.of(name).record();
    return ask(commands -> commands.hget(key, TEXT).thenApply(Optional::ofNullable));
  }

  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    if (record.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a record must have at most %d characters, not %d"
              .formatted(MAX_LENGTH, record.length()));
    }
    return calls.run(
        line, Call.of(write, RedisKeys.of(held.name()).all(), Reply::isYes, held.id(), record));
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    String key = RedisKeys.of(name).record();
    return ask(commands ->
            enabled
                ? commands.hdel(key, OFF).thenApply(done -> true)
                : commands.hset(key, OFF, "1").thenApply(done -> true))
        .thenAccept(done -> {});
  }

  private <T> CompletableFuture<T> ask(
      Function<RedisClusterAsyncCommands<String, String>, CompletionStage<T>> command) {
    CompletableFuture<T> result = new CompletableFuture<>();
    var unused =
        line.link()
            .thenCompose(link -> link.expect(command.apply(link.commands)))
            .whenComplete(
                (value, failure) -> {
                  if (failure != null) {
                    result.completeExceptionally(Failures.working(servers, Calls.unwrap(failure)));
                  } else {
                    result.complete(value);
                  }
                });
    return result;
  }
}
