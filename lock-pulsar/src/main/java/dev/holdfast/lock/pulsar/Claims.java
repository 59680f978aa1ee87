package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.pulsar.CatchUp.Received;
import dev.holdfast.lock.pulsar.LogRecord.Kind;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Refused;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.ReleaseOutcome;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pulsar.client.api.PulsarClient;

/**
 * This client's claims on one lock: what its log says of them, and what they write to it.
 *
 * <p>Guarded by {@code guard}: everything that is not final, the places too. {@link #claim}, {@link
 * #renew} and {@link #release} take it; all else is called under it.
 */
final class Claims implements OpenLog.Follower {

  private static final Waiting NOT_WANTED = Waiting.poll(Duration.ZERO, Optional.empty());

  private final BackendContext context;
  private final String topic;
  private final Guard guard;
  private final OpenLog log;
  private final Judge judge;
  private final Asides asides;
  private final Map<String, Place> places = new HashMap<>();
  private LockState state = LockState.empty();
  private long emptySince;

  Claims(PulsarClient client, String topic, BackendContext context, Guard guard) {
    this.topic = topic;
    this.context = context;
    this.guard = guard;
    this.log = new OpenLog(client, topic, context, guard, this);
    this.judge = new Judge(context, guard, log, () -> state);
    this.asides = new Asides(context, guard, log, () -> state);
    this.emptySince = now();
  }

  OpenLog log() {
    return log;
  }

  LockState state() {
    return state;
  }

  Judge judge() {
    return judge;
  }

  Asides asides() {
    return asides;
  }

  /** Whether there is none, neither holding nor waiting nor asking. */
  boolean isEmpty() {
    return places.isEmpty();
  }

  /** By the ticker. */
  long emptySince() {
    return emptySince;
  }

  private long now() {
    return context.ticker().read();
  }

  private CompletableFuture<Void> write(LogRecord record, boolean important) {
    return log.write(record, state, important);
  }

  // What the log says.

  @Override
  public void readAnew(LockState read, Position at) {
    read.rememberFrom(state);
    state = read;
    BackendFailure missed =
        BackendFailure.transientFailure("the log of " + topic + " was read anew", null);
    for (Place place : List.copyOf(places.values())) {
      boolean mayBeMissed = place.underway > 0;
      place.underway = 0;
      if (place.releaseSent) {
        unreleased(place, missed);
      }
      state.find(place.id()).ifPresent(entry -> place.readBack(entry.number()));
      settle(place, LossReason.REVOKED, false);
      if (mayBeMissed) {
        askAgain(place);
      }
    }
    asides.missed(missed);
    state.line().forEach(this::withdrawGhost);
  }

  /** What was asked and does not stand in the log: if it comes yet, it is one and the same. */
  private void askAgain(Place place) {
    CompletableFuture<ClaimOutcome> asked = place.answer;
    if (asked != null) {
      log.whenOpen(() -> ask(place, asked), failure -> failed(place, asked, failure));
    }
  }

  @Override
  public void follow(Received received) {
    LogRecord record = received.record();
    boolean wasThere = state.find(record.id()).isPresent();
    state.apply(record, received.at(), received.heardAt());
    asides.seen(record, state);
    Place own = places.get(record.id());
    if (own != null) {
      readBack(own, record, wasThere);
    } else if (record.kind() == Kind.CLAIM) {
      state.find(record.id()).ifPresent(this::withdrawGhost);
    }
    LossReason reason = record.kind() == Kind.EXPIRE ? LossReason.EXPIRED : LossReason.REVOKED;
    for (Place place : List.copyOf(places.values())) {
      settle(place, reason, place == own && record.kind() == Kind.CLAIM);
    }
  }

  /** A record of ours stands in the log. */
  private void readBack(Place own, LogRecord record, boolean wasThere) {
    switch (record.kind()) {
      case CLAIM -> {
        own.underway = Math.max(0, own.underway - 1);
        alive(own, record);
      }
      case RENEW -> alive(own, record);
      case RELEASE -> released(own, wasThere ? ReleaseOutcome.RELEASED : ReleaseOutcome.NOT_HELD);
      default -> {}
    }
  }

  private void alive(Place own, LogRecord record) {
    if (state.find(own.id()).isPresent()) {
      own.readBack(record.number());
      if (own.granted) {
        long asOf = own.asOf();
        guard.after(() -> context.holds().renewed(own.claim, own.claim.lease(), asOf));
      }
    }
  }

  /** A claim that came so late that its client has forgotten it. */
  private void withdrawGhost(Entry entry) {
    if (entry.id().startsWith(context.clientId() + "-") && !places.containsKey(entry.id())) {
      var unused = write(LogRecord.of(Kind.RELEASE, entry.id()), false);
    }
  }

  /** What the state means for one of ours; {@code asked} if this record is its question. */
  private void settle(Place place, LossReason reason, boolean asked) {
    Optional<Entry> found = state.find(place.id());
    if (found.isPresent()) {
      place.entered = true;
      present(place, found.get());
    } else if (place.entered) {
      place.entered = false;
      left(place, reason);
    } else if (asked) {
      answer(place, state.isEnabled() ? busy() : refused());
      forget(place); // nothing of it is at the store
    }
  }

  private void present(Place place, Entry entry) {
    if (place.withdrawn) {
      return;
    }
    if (!entry.holds()) {
      answer(place, new Waiting(place.next, context.options().pollInterval(), holder()));
      judge.watch(place);
    } else if (!place.granted) {
      place.granted = true;
      judge.leave(place);
      grant(place, entry);
    }
  }

  private void grant(Place place, Entry entry) {
    if (!log.position().fitsToken()) {
      fail(place, log.position().outOfRange());
      return;
    }
    Granted granted = new Granted(entry.token(), place.claim.lease(), place.asOf());
    if (!answer(place, granted)) {
      CompletableFuture<ClaimOutcome> next = place.next;
      guard.after(() -> next.complete(granted));
    }
  }

  /** Somebody has taken it out of the line. */
  private void left(Place place, LossReason reason) {
    boolean held = place.granted;
    place.granted = false;
    judge.leave(place);
    if (place.releasing != null) {
      released(place, ReleaseOutcome.NOT_HELD);
    } else if (!held && !state.isEnabled()) {
      ClaimOutcome refused = refused();
      CompletableFuture<ClaimOutcome> next = place.next;
      forget(place);
      guard.after(() -> next.complete(refused));
    } else if (!place.withdrawn) {
      place.next = new CompletableFuture<>();
      if (held && place.underway == 0) {
        forget(place); // what is revoked nobody releases, and the topic would stay open for it
      }
      guard.after(() -> context.holds().gone(place.claim, reason));
    }
  }

  private boolean answer(Place place, ClaimOutcome outcome) {
    CompletableFuture<ClaimOutcome> answer = place.answer;
    place.answer = null;
    if (answer != null) {
      guard.after(() -> answer.complete(outcome));
    }
    return answer != null;
  }

  private void fail(Place place, BackendFailure failure) {
    CompletableFuture<ClaimOutcome> answer = place.answer;
    place.answer = null;
    if (answer != null) {
      guard.after(() -> answer.completeExceptionally(failure));
    }
  }

  private Waiting busy() {
    long left = state.holder().map(entry -> entry.left(now())).orElse(0L);
    return Waiting.poll(Duration.ofNanos(Math.max(0, left)), holder());
  }

  private Optional<LockHolder> holder() {
    return state.holder().map(entry -> entry.toHolder(now()));
  }

  private Refused refused() {
    return new Refused(
        "it is switched off; to switch it on: pulsar-client produce -m ON '%s'".formatted(topic));
  }

  // What this client's claims want.

  /** True if it is new here. */
  boolean add(Place place) {
    return places.put(place.id(), place) == null;
  }

  boolean has(Place place) {
    return places.containsKey(place.id());
  }

  private void forget(Place place) {
    places.remove(place.id());
    emptySince = now();
  }

  /** Asks, or asks again: what stands in the log already is answered without it. */
  CompletableFuture<ClaimOutcome> claim(Place place) {
    CompletableFuture<ClaimOutcome> asked = new CompletableFuture<>();
    guard.run(
        () -> {
          CompletableFuture<ClaimOutcome> pending = place.answer;
          if (place.withdrawn) {
            if (place.releasing == null && !place.entered && place.underway == 0) {
              forget(place); // it was withdrawn as it came in, and nobody will do so again
            }
            guard.after(() -> asked.complete(NOT_WANTED));
          } else if (pending != null) {
            forward(pending, asked);
            log.whenOpen(() -> {}, failure -> failed(place, pending, failure)); // unless stuck
          } else {
            place.answer = asked;
            log.whenOpen(() -> ask(place, asked), failure -> failed(place, asked, failure));
          }
        });
    return asked;
  }

  private static <T> void forward(CompletableFuture<T> from, CompletableFuture<T> to) {
    var unused =
        from.whenComplete(
            (value, failure) -> {
              if (failure == null) {
                to.complete(value);
              } else {
                to.completeExceptionally(failure);
              }
            });
  }

  private void failed(Place place, CompletableFuture<ClaimOutcome> asked, BackendFailure failure) {
    if (place.answer == asked) {
      fail(place, failure);
    }
  }

  private void ask(Place place, CompletableFuture<ClaimOutcome> asked) {
    if (place.answer != asked) {
      return;
    }
    Optional<Entry> entry = state.find(place.id());
    if (place.withdrawn) {
      answer(place, NOT_WANTED);
    } else if (entry.isEmpty()) {
      judge.judgeAll();
      place.underway++;
      send(place, asked);
    } else if (place.granted) {
      grant(place, entry.get());
    } else {
      place.entered = true;
      present(place, entry.get());
    }
  }

  private void send(Place place, CompletableFuture<ClaimOutcome> asked) {
    Claim claim = place.claim;
    LogRecord record =
        LogRecord.of(Kind.CLAIM, place.id())
            .with("who", claim.description())
            .with("lease", claim.lease().plusNanos(999_999).toMillis()) // not less than ours
            .with("queue", claim.queue())
            .with("n", place.number(now()));
    whenFailed(write(record, false), failure -> failed(place, asked, failure));
  }

  private void whenFailed(CompletableFuture<Void> written, Consumer<BackendFailure> then) {
    var unused =
        written.whenComplete(
            (done, failure) -> {
              if (failure != null) {
                guard.run(() -> then.accept(PulsarFailures.translate(failure, topic)));
              }
            });
  }

  void renew(Place place) {
    guard.run(
        () -> {
          if (place.entered && !place.withdrawn) {
            log.whenOpen(() -> sendSign(place), failure -> {});
          }
        });
  }

  private void sendSign(Place place) {
    if (place.entered && !place.withdrawn) {
      LogRecord record = LogRecord.of(Kind.RENEW, place.id()).with("n", place.number(now()));
      var unused = write(record, place.granted);
    }
  }

  CompletableFuture<ReleaseOutcome> release(Place place) {
    CompletableFuture<ReleaseOutcome> asked = new CompletableFuture<>();
    guard.run(
        () -> {
          CompletableFuture<ReleaseOutcome> pending = place.releasing;
          place.withdrawn = true;
          judge.leave(place);
          if (!places.containsKey(place.id())) {
            guard.after(() -> asked.complete(ReleaseOutcome.NOT_HELD));
          } else if (pending != null) {
            forward(pending, asked);
            log.whenOpen(() -> {}, failure -> unreleased(place, failure)); // unless stuck
          } else {
            place.releasing = asked;
            if (!place.entered && place.underway == 0) {
              released(place, ReleaseOutcome.NOT_HELD);
            } else {
              log.whenOpen(() -> sendRelease(place), failure -> unreleased(place, failure));
            }
          }
        });
    return asked;
  }

  private void sendRelease(Place place) {
    if (state.find(place.id()).isEmpty() && place.underway == 0) {
      released(place, ReleaseOutcome.NOT_HELD);
    } else if (place.releasing != null) {
      place.releaseSent = true;
      LogRecord record = LogRecord.of(Kind.RELEASE, place.id());
      whenFailed(write(record, place.granted), failure -> unreleased(place, failure));
    }
  }

  private void released(Place place, ReleaseOutcome outcome) {
    CompletableFuture<ReleaseOutcome> asked = place.releasing;
    place.releasing = null;
    place.releaseSent = false;
    place.entered = false;
    place.granted = false;
    answer(place, NOT_WANTED);
    forget(place);
    if (asked != null) {
      guard.after(() -> asked.complete(outcome));
    }
  }

  private void unreleased(Place place, BackendFailure failure) {
    CompletableFuture<ReleaseOutcome> asked = place.releasing;
    place.releasing = null;
    place.releaseSent = false;
    if (asked != null) {
      guard.after(() -> asked.completeExceptionally(failure));
    }
  }

  /** Judges nobody any more. */
  void end() {
    places.values().forEach(judge::leave);
  }
}
