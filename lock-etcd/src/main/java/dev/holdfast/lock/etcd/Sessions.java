package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The leases of this client: one for each length that is asked for. Guarded by its monitor. */
final class Sessions {

  /** A request that is older than this does not keep the next claim from making another. */
  private static final long PATIENCE = 1_000_000_000L;

  private record Grant(long begun, CompletableFuture<Session> session) {}

  private final Etcd etcd;
  private final Ticker ticker;
  private final Map<Long, Grant> current = new HashMap<>();
  private final Set<Session> known = ConcurrentHashMap.newKeySet();
  private boolean closed;

  Sessions(Etcd etcd, Ticker ticker) {
    this.etcd = etcd;
    this.ticker = ticker;
  }

  /** Etcd counts leases in whole seconds. */
  private static long seconds(Duration lease) {
    return lease.plusNanos(999_999_999).toSeconds();
  }

  /** The lease for new claims: one that is known to be there, or a new one. */
  CompletionStage<Session> get(Duration lease) {
    long seconds = seconds(lease);
    CompletableFuture<Session> asked;
    long asOf;
    synchronized (this) {
      long now = ticker.read();
      Grant last = current.get(seconds);
      if (last != null && isUsable(last, now)) {
        return last.session;
      }
      asked = new CompletableFuture<>();
      asOf = now;
      current.put(seconds, new Grant(now, asked));
    }
    var unused =
        etcd.grantLease(seconds)
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    asked.completeExceptionally(failure);
                  } else {
                    Duration validFor = Duration.ofSeconds(answer.getTTL());
                    long term = answer.getHeader().getRaftTerm();
                    asked.complete(admit(new Session(answer.getID(), term, asOf, validFor)));
                  }
                });
    return asked;
  }

  /** The lease for new claims if it is there already, and certain for a while. */
  @Nullable Session now(Duration lease) {
    Grant last;
    synchronized (this) {
      last = current.get(seconds(lease));
    }
    return last != null && last.session.isDone() && isUsable(last, ticker.read())
        ? last.session.join()
        : null;
  }

  private static boolean isUsable(Grant grant, long now) {
    if (!grant.session.isDone()) {
      return now - grant.begun < PATIENCE;
    }
    if (grant.session.isCompletedExceptionally()) {
      return false;
    }
    Session session = grant.session.join();
    return !session.isRetired() && session.isYoungerThan(10, now);
  }

  private Session admit(Session session) {
    boolean late;
    synchronized (this) {
      late = closed;
      long now = ticker.read();
      known.removeIf(old -> old.isDead() || !old.isYoungerThan(24, now));
      if (!late) {
        known.add(session); // or else a close that begins now would not see it
      }
    }
    if (late) {
      var unused = etcd.revokeLease(session.id());
    }
    return session;
  }

  /** Ends all leases, and with them whatever key is left. */
  CompletionStage<Void> close() {
    List<Session> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(known);
    }
    return CompletableFuture.allOf(
        all.stream()
            .filter(session -> !session.isDead())
            .map(session -> etcd.revokeLease(session.id()))
            .toArray(CompletableFuture<?>[]::new));
  }
}
