package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/**
 * A claim's wait in the queue: it watches the contender directly before it, and nobody else.
 *
 * <p>Events come on the handle's event thread, one at a time.
 */
final class Wait implements Watcher {

  /** What follows when the contender before has gone, or may have. */
  interface Alarm {
    void ring(Wait wait);
  }

  private final Alarm alarm;
  private final CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
  private volatile String before;
  private volatile Optional<LockHolder> holder = Optional.empty();

  Wait(String before, Alarm alarm) {
    this.before = before;
    this.alarm = alarm;
  }

  /** The path of the contender before. */
  String before() {
    return before;
  }

  void before(String path) {
    before = path;
  }

  /** Remembers who has the lock, for who asks again; an unknown one changes nothing. */
  void holder(Optional<LockHolder> seen) {
    if (seen.isPresent()) {
      holder = seen;
    }
  }

  boolean hasHolder() {
    return holder.isPresent();
  }

  Waiting answer(Duration lookAgainIn) {
    return new Waiting(next, lookAgainIn, holder);
  }

  /** Tells the engine, once. */
  void tell(ClaimOutcome news) {
    next.complete(news);
  }

  @Override
  public void process(WatchedEvent event) {
    if (event.getType() == Event.EventType.None) {
      switch (event.getState()) {
        case Expired, Closed -> tell(Waiting.askAgain()); // its place in the queue is gone
        default -> {} // watches outlive a connection
      }
    } else if (event.getType() != Event.EventType.DataWatchRemoved) {
      alarm.ring(this);
    }
  }
}
