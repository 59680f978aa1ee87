package dev.holdfast.lock.redis;

import dev.holdfast.lock.redis.Call.Reply;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Ticker;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs scripts: by their hash, and by their text where the server does not know them yet. A script
 * that grants makes itself known only to a server that is old enough ({@link Script}).
 */
final class Calls {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  /** The server counts whole seconds, and may say one more than have passed. */
  private static final long ROUNDED = 1;

  private final Servers servers;
  private final Ticker ticker;
  private final Script age;
  private final Duration maxLease;
  private final AtomicBoolean told = new AtomicBoolean();

  Calls(Servers servers, Ticker ticker, Script age, Duration maxLease) {
    this.servers = servers;
    this.ticker = ticker;
    this.age = age;
    this.maxLease = maxLease;
  }

  /** Sends a call; fails with a {@link BackendFailure}. */
  <T> CompletableFuture<T> run(Line line, Call<T> call) {
    Pending<T> pending = new Pending<>(line, call);
    Link link = line.ready();
    if (link != null) {
      pending.send(link);
    } else {
      var unused =
          line.link()
              .whenComplete(
                  (opened, failure) -> {
                    if (opened != null) {
                      pending.send(opened);
                    } else {
                      pending.completeExceptionally(Failures.connecting(servers, failure));
                    }
                  });
    }
    return pending;
  }

  /**
   * One answer that is waited for, and what is needed to ask in another way. It is its own callback
   * at the driver, for an acquire and release that find the lock free are little more than this.
   */
  private final class Pending<T> extends CompletableFuture<T>
      implements BiConsumer<@Nullable Object, @Nullable Throwable> {

    private final Line line;
    private final Call<T> call;
    private @Nullable Link link; // these by one thread after another, each handing a command on
    private String[] args = {};
    private long asOf;

    Pending(Line line, Call<T> call) {
      this.line = line;
      this.call = call;
    }

    void send(Link ready) {
      link = ready;
      asOf = ticker.read();
      args = call.args.apply(asOf);
      execute(ready, CommandType.EVALSHA, call.script.sha());
    }

    /** Sends the script, and the question how many replicas have its effect right behind. */
    private void execute(Link to, CommandType how, String script) {
      try {
        CompletionStage<@Nullable Object> answer = to.script(how, script, call.keys, args, asOf);
        if (call.replicas == 0) {
          var unused = answer.whenComplete(this);
        } else {
          CompletionStage<Long> confirmed =
              to.confirmations(call.replicas, Math.max(1, call.patience.toMillis()));
          var unused = answer.thenCombine(confirmed, Confirmed::new).whenComplete(this);
        }
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    @Override
    public void accept(@Nullable Object value, @Nullable Throwable failure) {
      if (failure != null && unwrap(failure) instanceof RedisNoScriptException) {
        introduce();
      } else if (failure != null) {
        failed(failure);
      } else if (value instanceof Confirmed both) {
        answered(both.value, both.replicas);
      } else {
        answered(value, 0);
      }
    }

    private void answered(@Nullable Object value, long replicas) {
      if (value == null) {
        failed(new IllegalStateException("an empty answer"));
        return;
      }
      T meaning;
      try {
        meaning = call.meaning.apply(new Reply(value, asOf, replicas));
      } catch (BackendFailure e) {
        completeExceptionally(e);
        return;
      } catch (RuntimeException e) {
        failed(e);
        return;
      }
      complete(meaning);
    }

    private void failed(Throwable failure) {
      Throwable cause = unwrap(failure);
      if (link != null && Failures.isWrongServer(cause)) {
        line.drop(link); // a master of yesterday: the next one asks who it is today
      }
      completeExceptionally(Failures.working(servers, cause));
    }

    /**
     * The server does not know the script: it is told, but if it grants, only if it is old enough.
     */
    private void introduce() {
      Script script = call.script;
      Link to = link;
      if (to == null) {
        failed(new IllegalStateException("answered before it was sent"));
      } else if (!script.grants()) {
        execute(to, CommandType.EVAL, script.text());
      } else {
        try {
          String[] key = {call.keys[0]}; // leads to the same server of a cluster
          var unused =
              to.script(CommandType.EVAL, age.text(), key, new String[0], ticker.read())
                  .whenComplete((up, failure) -> introduce(to, up, failure));
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    }

    private void introduce(Link to, @Nullable Object up, @Nullable Throwable failure) {
      if (up instanceof Long seconds) {
        boolean young = isYoung(maxLease.minusSeconds(Math.max(0, seconds - ROUNDED)));
        Script script = call.script;
        execute(to, CommandType.EVAL, young ? script.young() : script.text());
      } else {
        failed(failure == null ? new IllegalStateException("the server's age: " + up) : failure);
      }
    }
  }

  private record Confirmed(@Nullable Object value, long replicas) {}

  private boolean isYoung(Duration missing) {
    boolean young = missing.compareTo(Duration.ZERO) > 0;
    if (young && told.compareAndSet(false, true)) {
      LOG.info(
          "{} was started lately: for {} it grants no lock that is not held already, for it may"
              + " have forgotten locks (maxLease {})",
          servers.describe(),
          missing,
          maxLease);
    }
    return young;
  }

  /** Completes {@code to} as {@code from} does. */
  static <T> void pass(CompletableFuture<T> from, CompletableFuture<T> to) {
    var unused =
        from.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                to.complete(value);
              } else {
                to.completeExceptionally(unwrap(failure));
              }
            });
  }

  static Throwable unwrap(Throwable failure) {
    Throwable inner = failure;
    while (inner instanceof CompletionException && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }
}
