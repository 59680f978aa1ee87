package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.pulsar.LogRecord.Kind;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * What this client writes to a log beside its claims: notes of holders, and the switch. Each is
 * done when the log shows it.
 *
 * <p>All methods but {@link #enable} and {@link #note} are called under the {@link Guard}.
 */
final class Asides {

  private final BackendContext context;
  private final Guard guard;
  private final OpenLog log;
  private final Supplier<LockState> state;
  private final Map<String, CompletableFuture<Boolean>> unseen = new HashMap<>();
  private long switched;

  Asides(BackendContext context, Guard guard, OpenLog log, Supplier<LockState> state) {
    this.context = context;
    this.guard = guard;
    this.log = log;
    this.state = state;
  }

  /** Switches the lock on or off; true. */
  CompletableFuture<Boolean> enable(boolean on) {
    String id = context.clientId() + "-switch-" + nextSwitch();
    return whenOpen(LogRecord.of(on ? Kind.ON : Kind.OFF, id));
  }

  private long nextSwitch() {
    synchronized (guard) {
      return switched++;
    }
  }

  /** Notes this if the claim holds the lock where the note comes to stand; whether it does. */
  CompletableFuture<Boolean> note(Place place, String text) {
    long number;
    synchronized (guard) {
      number = place.number(context.ticker().read());
    }
    return whenOpen(LogRecord.of(Kind.NOTE, place.id()).with("n", number).with("note", text));
  }

  private CompletableFuture<Boolean> whenOpen(LogRecord record) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    guard.run(
        () ->
            log.whenOpen(
                () -> write(record, done),
                failure -> guard.after(() -> done.completeExceptionally(failure))));
    return done;
  }

  private void write(LogRecord record, CompletableFuture<Boolean> done) {
    unseen.put(key(record), done);
    var unused =
        log.write(record, state.get(), true)
            .whenComplete(
                (written, failure) -> {
                  if (failure != null) {
                    guard.run(() -> failed(key(record), done, failure));
                  }
                });
  }

  private void failed(String key, CompletableFuture<Boolean> done, Throwable failure) {
    if (unseen.remove(key, done)) {
      guard.after(() -> done.completeExceptionally(PulsarFailures.unwrap(failure)));
    }
  }

  private static String key(LogRecord record) {
    return record.id() + " " + record.number();
  }

  /** The log shows this record, and after it this state. */
  void seen(LogRecord record, LockState after) {
    CompletableFuture<Boolean> done = unseen.remove(key(record));
    if (done != null) {
      boolean counts = record.kind() != Kind.NOTE || after.isHeldBy(record.id());
      guard.after(() -> done.complete(counts));
    }
  }

  /** What has not been seen by now may have been missed. */
  void missed(BackendFailure why) {
    unseen.values().forEach(done -> guard.after(() -> done.completeExceptionally(why)));
    unseen.clear();
  }
}
