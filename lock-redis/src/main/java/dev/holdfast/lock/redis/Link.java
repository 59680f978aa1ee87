package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.Ticker;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An open connection, and for how long it has owed answers without giving one. That is exact only
 * as far as it matters: a moment that two threads see differently is no outage.
 */
final class Link {

  final StatefulConnection<String, String> connection;
  final RedisClusterAsyncCommands<String, String> commands;
  private final Ticker ticker;
  private final AtomicInteger unanswered = new AtomicInteger();
  private final BiConsumer<@Nullable Object, @Nullable Throwable> answered = this::answered;
  private volatile long since;

  Link(
      StatefulConnection<String, String> connection,
      RedisClusterAsyncCommands<String, String> commands,
      Ticker ticker) {
    this.connection = connection;
    this.commands = commands;
    this.ticker = ticker;
  }

  /**
   * Sends a script by its hash or its text. The arguments go as bytes: through the codec each one
   * takes a buffer of its own first. Only the first key, which in a cluster says where to, goes as
   * a key.
   *
   * @param now the ticker's time
   */
  CompletionStage<@Nullable Object> script(
      CommandType how, String script, String[] keys, String[] args, long now) {
    CommandArgs<String, String> all =
        new CommandArgs<>(StringCodec.UTF8)
            .add(script.getBytes(StandardCharsets.US_ASCII))
            .add(keys.length);
    for (int i = 0; i < keys.length; i++) {
      var unused = i == 0 ? all.addKey(keys[i]) : all.add(utf8(keys[i]));
    }
    for (String arg : args) {
      var unused = all.add(utf8(arg));
    }
    return expect(commands.dispatch(how, new ScriptOutput(), all), now);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Asks how many replicas, of so many, have confirmed all that was sent before. */
  CompletionStage<Long> confirmations(int replicas, long patienceMillis) {
    return expect(commands.waitForReplication(replicas, patienceMillis));
  }

  /** Counts a command that was sent, until it is answered or fails. */
  <T> CompletionStage<T> expect(CompletionStage<T> command) {
    return expect(command, ticker.read());
  }

  private <T> CompletionStage<T> expect(CompletionStage<T> command, long now) {
    if (unanswered.getAndIncrement() == 0) {
      since = now;
    }
    var unused = command.whenComplete(answered);
    return command;
  }

  private void answered(@Nullable Object answer, @Nullable Throwable failure) {
    unanswered.decrementAndGet();
    since = ticker.read();
  }

  /**
   * Whether it is open, and has not owed an answer for longer than {@code patience} nanoseconds.
   */
  boolean isWell(long patience) {
    return connection.isOpen() && (unanswered.get() == 0 || ticker.read() - since <= patience);
  }
}
