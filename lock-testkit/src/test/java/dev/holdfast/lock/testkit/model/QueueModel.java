package dev.holdfast.lock.testkit.model;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A key with an expiry and a queue of registrations with expiries of their own: who releases, or
 * asks first after the key's end, has the script hand the key to the first living registration, for
 * what remains of that, and push the grant. The push brings the S of the registration renewal that
 * the store had seen; the client has perhaps heard of a younger one. One client with two claims and
 * three messages on their way, which are lost, doubled and late; the others do what they like.
 *
 * <p>{@code lock-redis}: the scripts (promote first), Registration, the push.
 */
final class QueueModel implements Model {

  /** What a careless backend does. */
  enum Bug {
    PUSH_COUNTS_FROM_THE_LAST_ANSWER,
    PUSH_COUNTS_FROM_ITS_ARRIVAL,
    HELD_BUT_NOT_EXTENDED,
    RENEWAL_STEALS,
    RELEASE_UNCHECKED
  }

  private static final int LEASE = 4;
  private static final int MARGIN = 1;
  private static final int CLAIMS = 2;
  private static final int OTHER = CLAIMS + 1;

  private static final int ASKS = 1;
  private static final int HOLDS = 2;

  private static final int CLAIM = 1;
  private static final int RENEW = 2;
  private static final int RELEASE = 3;
  private static final int GRANTED = 4;
  private static final int WAITING = 5;
  private static final int PUSH = 6;

  private final Set<Bug> bugs = EnumSet.noneOf(Bug.class);
  private final Layout layout = new Layout();

  private final Field phase = layout.field(HOLDS);
  private final Field claim = layout.field(CLAIMS);
  private final Field deadline = layout.field(LEASE);

  /** How long ago S was, of the last registration that was answered. */
  private final Field heardOf = layout.field(LEASE);

  private final Message[] messages = {message(), message()};
  private final Message push = message();

  /** At the store: nobody, one more than a claim of the client, or another. */
  private final Field owner = layout.field(OTHER);

  private final Field left = layout.field(LEASE);

  /** At the store: nobody, or one more than the claim that is registered. */
  private final Field registered = layout.field(CLAIMS);

  private final Field life = layout.field(LEASE);

  /** At the store: how long ago S was, of the registration as it has seen it last. */
  private final Field seen = layout.field(LEASE);

  QueueModel(Bug... seeded) {
    bugs.addAll(Set.of(seeded));
  }

  private Message message() {
    return new Message(layout, PUSH, CLAIMS, LEASE);
  }

  @Override
  public long start() {
    return heardOf.set(0, LEASE);
  }

  @Override
  public @Nullable String broken(long s) {
    boolean its = owner.of(s) == claim.of(s) + 1 && left.of(s) > 0;
    return phase.of(s) == HOLDS && !its ? "L1: a holder does not have the key any more" : null;
  }

  @Override
  public void steps(long s, Steps out) {
    out.to("a tick", passed(s));
    act(s, out);
    others(s, out);
    for (Message m : messages) {
      arrive(s, m, out);
    }
    arrive(s, push, out);
  }

  private long passed(long s) {
    long next = life.down(left.down(s));
    next = seen.up(heardOf.up(next));
    if (life.of(next) == 0) {
      next = unregistered(next);
    }
    if (phase.of(s) == HOLDS) {
      next = deadline.down(next);
      next = deadline.of(next) == 0 ? over(next) : next;
    }
    for (Message m : messages) {
      next = m.aged(next);
    }
    return push.aged(next);
  }

  private long unregistered(long s) {
    return seen.set(life.set(registered.set(s, 0), 0), 0);
  }

  private long over(long s) {
    return heardOf.set(deadline.set(claim.set(phase.set(s, 0), claim.of(s) + 1), 0), LEASE);
  }

  private void act(long s, Steps out) {
    int now = claim.of(s);
    if (phase.of(s) == ASKS || (phase.of(s) == 0 && now < CLAIMS)) {
      out.to("claims", Message.send(phase.set(s, ASKS), messages, CLAIM, now, 0));
    }
    if (phase.of(s) != 0) {
      out.to("renews", Message.send(s, messages, RENEW, now, 0));
      out.to("releases", Message.send(over(s), messages, RELEASE, now, 0));
    }
  }

  /** Another client claims, or releases, or dies. */
  private void others(long s, Steps out) {
    long next = promoted(s);
    if (owner.of(next) == OTHER && left.of(next) > 0) {
      out.to("another renews", left.set(next, LEASE));
      out.to("another releases", promoted(left.set(owner.set(next, 0), 0)));
    } else if (left.of(next) == 0) {
      out.to("another claims", left.set(owner.set(next, OTHER), LEASE));
    } else {
      out.to("another is told to wait", next);
    }
  }

  /** What every script does first: a key that nobody has goes to who waits for it, and lives. */
  private long promoted(long s) {
    if (left.of(s) > 0 || registered.of(s) == 0 || life.of(s) <= 2 * MARGIN) {
      return s;
    }
    long next = left.set(owner.set(s, registered.of(s)), life.of(s));
    long pushed = push.age.set(push.sent(next, PUSH, registered.of(s) - 1), seen.of(s));
    return unregistered(push.isFree(s) ? pushed : next);
  }

  private void arrive(long s, Message m, Steps out) {
    int kind = m.kind.of(s);
    if (kind == 0) {
      return;
    }
    out.to("a message is lost", m.gone(s));
    if (kind >= GRANTED) {
      out.to("an answer arrives", m.gone(heard(s, m)));
      return;
    }
    long next = promoted(s);
    int id = m.claim.of(s) + 1;
    boolean mine = owner.of(next) == id && left.of(next) > 0;
    int answer = 0;
    if (kind == RELEASE) {
      next = registered.of(next) == id ? unregistered(next) : next;
      boolean frees = mine || bugs.contains(Bug.RELEASE_UNCHECKED);
      next = frees ? promoted(left.set(owner.set(next, 0), 0)) : next;
    } else if (mine || (kind == RENEW && bugs.contains(Bug.RENEWAL_STEALS))) {
      boolean extended = !bugs.contains(Bug.HELD_BUT_NOT_EXTENDED);
      next = extended ? left.set(owner.set(next, id), LEASE) : next;
      answer = GRANTED;
    } else if (kind == CLAIM && left.of(next) == 0) {
      next = left.set(owner.set(next, id), LEASE);
      answer = GRANTED;
    } else if ((kind == CLAIM && registered.of(next) == 0) || registered.of(next) == id) {
      next = seen.set(life.set(registered.set(next, id), LEASE), m.age.of(s));
      answer = WAITING;
    }
    out.to("a script is run, its double comes later", next);
    out.to("a script is run", answer == 0 ? m.gone(next) : m.kind.set(next, answer));
  }

  private long heard(long s, Message m) {
    if (phase.of(s) == 0 || m.claim.of(s) != claim.of(s)) {
      return s;
    }
    int since = m.age.of(s);
    if (m.kind.of(s) == WAITING) {
      return heardOf.set(s, Math.min(heardOf.of(s), since));
    }
    if (m.kind.of(s) == PUSH && bugs.contains(Bug.PUSH_COUNTS_FROM_THE_LAST_ANSWER)) {
      since = heardOf.of(s);
    } else if (m.kind.of(s) == PUSH && bugs.contains(Bug.PUSH_COUNTS_FROM_ITS_ARRIVAL)) {
      since = 0;
    }
    int until = Math.max(deadline.of(s), LEASE - MARGIN - since);
    return until <= 0 ? over(s) : deadline.set(phase.set(s, HOLDS), until);
  }
}
