package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.PathNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.pulsar.client.api.PulsarClient;

/**
 * The locks that this client has open: those that are in use, and for a while those that were. Safe
 * for concurrent use.
 */
final class Topics {

  /** How long a name that was used once stays open. */
  private static final Duration ONCE = Duration.ofSeconds(1);

  private static final Duration SWEEP = Duration.ofMillis(250);

  /** Longer names are hashed; the broker's metadata store has their path, encoded once more. */
  private static final int LONGEST_NAME = 200;

  /** Pulsar takes what ends like this for a part of another topic. */
  private static final Pattern PARTITION = Pattern.compile(".*-partition-\\d+");

  private final PulsarClient client;
  private final PulsarLockOptions options;
  private final BackendContext context;
  private final Map<String, LockTopic> open = new ConcurrentHashMap<>();
  private final Map<LockTopic, CompletableFuture<Void>> closing = new ConcurrentHashMap<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private volatile boolean closed;

  Topics(PulsarClient client, PulsarLockOptions options, BackendContext context) {
    this.client = client;
    this.options = options;
    this.context = context;
  }

  /** The topic that is the log of this lock. */
  static String topicOf(PulsarLockOptions options, String lock) {
    String name = PathNames.encode(lock, LONGEST_NAME);
    // '%-' occurs in no encoded name.
    String safe = PARTITION.matcher(name).matches() ? name + "%-" : name;
    return "persistent://" + options.namespace() + "/" + options.topicPrefix() + safe;
  }

  /** The lock of this place, which is in it from now on. */
  LockTopic enter(Place place) {
    return entered(place.claim.name(), topic -> topic.enter(place));
  }

  /** The lock of this name, which stays open for one thing that is asked of it. */
  LockTopic visit(String name) {
    return entered(name, LockTopic::visit);
  }

  private LockTopic entered(String name, Predicate<LockTopic> enter) {
    while (true) {
      LockTopic topic = open.computeIfAbsent(name, this::make);
      sweepSoon();
      if (closed) {
        var unused = topic.close(); // whoever closed all may have missed this one
        return topic;
      }
      if (enter.test(topic)) {
        return topic;
      }
      open.remove(name, topic);
    }
  }

  private LockTopic make(String name) {
    return new LockTopic(client, topicOf(options, name), context);
  }

  private void sweepSoon() {
    if (!closed && sweeping.compareAndSet(false, true)) {
      try {
        var unused = context.timer().schedule(this::sweep, SWEEP.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException e) {
        // The client is closing, and with it all topics.
      }
    }
  }

  /** Closes what has been idle for long. */
  private void sweep() {
    sweeping.set(false);
    long once = Math.min(ONCE.toNanos(), options.keepWarm().toNanos());
    long keep = options.keepWarm().toNanos();
    open.forEach(
        (name, topic) -> {
          CompletableFuture<Void> ends = topic.closeIfIdle(once, keep);
          if (ends != null) {
            closing.put(topic, ends); // first, so that close() finds it in one of the two
            open.remove(name, topic);
            var unused = ends.whenComplete((done, failure) -> closing.remove(topic));
          }
        });
    if (!open.isEmpty()) {
      sweepSoon();
    }
  }

  /** Closes all, and waits for those that are being closed. */
  CompletableFuture<Void> close() {
    closed = true;
    List<CompletableFuture<Void>> all =
        new ArrayList<>(open.values().stream().map(LockTopic::close).toList());
    all.addAll(closing.values());
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
  }
}
