package dev.holdfast.lock.testkit.model;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keys under a session, in order of arrival, as etcd's leases and ZooKeeper's sessions have them. A
 * grant is trusted from the S of the last keep-alive that was answered, for a key extends no
 * session. When a session has run out its key is gone, and the next in line is first. One client
 * with two sessions, two claims and two messages on their way, which are lost, doubled and late;
 * the other clients do what they like.
 *
 * <p>{@code lock-etcd}: Session, KeepAlive, Place; {@code lock-zookeeper}: Trust, Question.
 */
final class SessionModel implements Model {

  /** What a careless backend does. */
  enum Bug {
    GRANT_COUNTS_FROM_THE_CLAIM,
    KEEP_ALIVE_COUNTS_FROM_THE_ANSWER,
    ANSWER_OF_A_DEPOSED_LEADER,
    KEY_OF_AN_EARLIER_SESSION,
    KEY_SHARED_BY_CLAIMS,
    PREDECESSOR_IS_NOT_LOOKED_FOR
  }

  private static final int LEASE = 4;
  private static final int MARGIN = 1;
  private static final int SESSIONS = 2;
  private static final int CLAIMS = 2;

  private static final int ASKS = 1;
  private static final int HOLDS = 2;

  private static final int KEEP = 1;
  private static final int PUT = 2;
  private static final int DELETE = 3;
  private static final int KEPT = 4;
  private static final int FIRST = 5;

  private final Set<Bug> bugs = EnumSet.noneOf(Bug.class);
  private final Layout layout = new Layout();

  private final Field phase = layout.field(HOLDS);
  private final Field session = layout.field(SESSIONS - 1);
  private final Field claim = layout.field(CLAIMS);

  /** How long ago S was, of the last keep-alive that was answered. */
  private final Field age = layout.field(LEASE);

  private final Message[] messages = {
    new Message(layout, FIRST, SESSIONS * CLAIMS, LEASE),
    new Message(layout, FIRST, SESSIONS * CLAIMS, LEASE)
  };

  /** At the store: what is left of the client's session. */
  private final Field left = layout.field(LEASE);

  /** At the store: none, or one more than the claim that it is for. */
  private final Field key = layout.field(CLAIMS);

  /** At the store: another client's key is there, and is the older one. */
  private final Field ahead = layout.field(1);

  /** At the store: another client's key is there, and is the younger one. */
  private final Field behind = layout.field(1);

  SessionModel(Bug... seeded) {
    bugs.addAll(Set.of(seeded));
  }

  @Override
  public long start() {
    return left.set(0, LEASE);
  }

  @Override
  public @Nullable String broken(long s) {
    return phase.of(s) == HOLDS && !isFirst(s)
        ? "L1: a holder is not the first, and has not been told"
        : null;
  }

  private boolean isFirst(long s) {
    return key.of(s) > 0 && ahead.of(s) == 0;
  }

  @Override
  public void steps(long s, Steps out) {
    out.to("a tick", passed(s));
    act(s, out);
    others(s, out);
    for (Message m : messages) {
      arrive(s, m, out);
    }
  }

  private long passed(long s) {
    long next = age.up(left.down(s));
    if (left.of(next) == 0) {
      next = keyGone(next);
    }
    if (phase.of(s) == HOLDS && age.of(next) >= LEASE - MARGIN) {
      next = over(next);
    }
    for (Message m : messages) {
      next = m.aged(next);
    }
    return next;
  }

  private long keyGone(long s) {
    return behind.of(s) == 1 ? ahead.set(behind.set(key.set(s, 0), 0), 1) : key.set(s, 0);
  }

  /** The claim has ended for its client; the next is another. */
  private long over(long s) {
    return claim.set(phase.set(s, 0), claim.of(s) + 1);
  }

  private void others(long s, Steps out) {
    if (ahead.of(s) == 1) {
      out.to("another goes", ahead.set(s, 0));
    } else if (key.of(s) == 0) {
      out.to("another comes", ahead.set(s, 1));
    }
    if (key.of(s) > 0) {
      out.to("another queues or leaves", behind.set(s, 1 - behind.of(s)));
    }
  }

  private void act(long s, Steps out) {
    out.to("keeps alive", send(s, s, KEEP));
    boolean may = claim.of(s) < CLAIMS && age.of(s) < LEASE - MARGIN;
    if (phase.of(s) == ASKS || (phase.of(s) == 0 && may)) {
      out.to("claims", send(s, phase.set(s, ASKS), PUT));
    }
    if (phase.of(s) != 0) {
      out.to("gives up", send(s, over(s), DELETE));
    }
    if (left.of(s) == 0 && session.of(s) + 1 < SESSIONS) {
      long told = phase.of(s) == HOLDS ? over(s) : s;
      out.to("a new session", left.set(age.set(session.set(told, session.of(s) + 1), 0), LEASE));
    }
  }

  /** For the session and the claim that the client is in. */
  private long send(long s, long after, int kind) {
    int number = Math.min(CLAIMS - 1, claim.of(s));
    return Message.send(after, messages, kind, session.of(s) * CLAIMS + number, 0);
  }

  private void arrive(long s, Message m, Steps out) {
    int kind = m.kind.of(s);
    if (kind == 0) {
      return;
    }
    out.to("a message is lost", m.gone(s));
    boolean alive = left.of(s) > 0 && session.of(s) == m.claim.of(s) / CLAIMS;
    int its = 1 + m.claim.of(s) % CLAIMS;
    switch (kind) {
      case KEEP -> {
        out.to("the session is kept", alive ? m.kind.set(left.set(s, LEASE), KEPT) : m.gone(s));
        if (bugs.contains(Bug.ANSWER_OF_A_DEPOSED_LEADER)) {
          out.to("a deposed leader answers", m.kind.set(s, KEPT));
        }
      }
      case PUT -> {
        // An earlier claim's late put blocks the next one of its own client, which asks again.
        long next = alive && key.of(s) == 0 ? key.set(s, its) : s;
        boolean first = isFirst(next) || bugs.contains(Bug.PREDECESSOR_IS_NOT_LOOKED_FOR);
        boolean yes = first && alive && key.of(next) == its;
        out.to("a key is put, its double comes later", next);
        out.to("a key is put", yes ? m.kind.set(next, FIRST) : m.gone(next));
      }
      case DELETE -> {
        boolean own = key.of(s) == its || bugs.contains(Bug.KEY_SHARED_BY_CLAIMS);
        out.to("a key is deleted", m.gone(own ? keyGone(s) : s));
      }
      default -> out.to("an answer arrives", m.gone(heard(s, m)));
    }
  }

  private long heard(long s, Message m) {
    boolean same = m.claim.of(s) / CLAIMS == session.of(s);
    if (m.kind.of(s) == KEPT) {
      int since = bugs.contains(Bug.KEEP_ALIVE_COUNTS_FROM_THE_ANSWER) ? 0 : m.age.of(s);
      return same ? age.set(s, Math.min(age.of(s), since)) : s;
    }
    boolean asked = phase.of(s) == ASKS && m.claim.of(s) % CLAIMS == claim.of(s);
    if (!asked || (!same && !bugs.contains(Bug.KEY_OF_AN_EARLIER_SESSION))) {
      return s;
    }
    int since = bugs.contains(Bug.GRANT_COUNTS_FROM_THE_CLAIM) ? m.age.of(s) : age.of(s);
    return since >= LEASE - MARGIN ? over(s) : age.set(phase.set(s, HOLDS), since);
  }
}
