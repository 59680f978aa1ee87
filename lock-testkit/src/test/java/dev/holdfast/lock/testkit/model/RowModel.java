package dev.holdfast.lock.testkit.model;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record with an expiry, as JDBC's rows and Redis' keys are: claim, renew and release carry the
 * claim's id, the store counts from the moment at which it runs them, the client from the moment
 * before it sent them. One client with two claims and two messages on their way, another with one
 * of each; requests are lost, doubled and late; answers too; each client's clock may run slow by
 * one tick in a lease, which the margin is for.
 *
 * <p>{@code lock-jdbc}: Dialect's claim, renew and release; {@code lock-redis}: the scripts without
 * their queue; {@code lock-api}: Hold (the deadline), Acquisition (a late grant is given back).
 */
final class RowModel implements Model {

  /** What a careless backend or engine does. */
  enum Bug {
    DEADLINE_FROM_THE_ANSWER,
    NO_MARGIN,
    RELEASE_UNCHECKED,
    RENEWAL_UNCHECKED,
    CLIENT_FOR_CLAIM_ID,
    TIMEOUT_COUNTS_AS_RENEWAL
  }

  private static final int LEASE = 3;
  private static final int CLAIMS = 2;
  private static final int NOBODY = 0;

  private static final int ASKS = 1;
  private static final int HOLDS = 2;

  private static final int CLAIM = 1;
  private static final int RENEW = 2;
  private static final int RELEASE = 3;
  private static final int YES = 4;

  private final Set<Bug> bugs = EnumSet.noneOf(Bug.class);
  private final Field owner;
  private final Field left;
  private final Client[] clients = new Client[2];

  /** What one client knows, and its messages on the network. */
  private static final class Client {
    final int number;
    final Field phase;
    final Field claim;
    final Field deadline;
    final Field slow;
    final int claims;
    final Message[] messages;

    Client(int number, int claims, Layout layout) {
      this.number = number;
      phase = layout.field(HOLDS);
      claim = layout.field(CLAIMS);
      deadline = layout.field(LEASE);
      slow = layout.field(LEASE);
      this.claims = claims;
      messages = new Message[claims];
      Arrays.setAll(messages, i -> new Message(layout, YES, CLAIMS, LEASE));
    }
  }

  RowModel(Bug... seeded) {
    bugs.addAll(Set.of(seeded));
    Layout layout = new Layout();
    owner = layout.field(2 * CLAIMS);
    left = layout.field(LEASE);
    clients[0] = new Client(0, CLAIMS, layout);
    clients[1] = new Client(1, 1, layout);
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public @Nullable String broken(long s) {
    for (Client c : clients) {
      boolean held = c.phase.of(s) == HOLDS && c.deadline.of(s) > 0;
      if (held && (owner.of(s) != id(c, c.claim.of(s)) || left.of(s) == 0)) {
        return "L1: client " + c.number + " holds what the store may give away";
      }
    }
    return null;
  }

  private int id(Client c, int claim) {
    return bugs.contains(Bug.CLIENT_FOR_CLAIM_ID) ? 1 + c.number : 1 + c.number * CLAIMS + claim;
  }

  @Override
  public void steps(long s, Steps out) {
    for (int slow = 0; slow < 4; slow++) {
      tick(s, slow, out);
    }
    for (Client c : clients) {
      act(s, c, out);
      for (Message m : c.messages) {
        arrive(s, c, m, out);
      }
    }
  }

  /** A tick of the store's clock. A client's is either even with it, or slow, once in a lease. */
  private void tick(long s, int slow, Steps out) {
    long next = left.down(s);
    for (Client c : clients) {
      if ((slow & (1 << c.number)) == 0) {
        next = c.slow.down(next);
        next = passed(next, c);
      } else if (c.slow.of(s) > 0) {
        return;
      } else {
        next = c.slow.set(next, LEASE);
      }
    }
    out.to("a tick", next);
  }

  private static long passed(long s, Client c) {
    long next = s;
    if (c.phase.of(s) == HOLDS) {
      next = c.deadline.down(next);
      if (c.deadline.of(next) == 0) {
        next = over(next, c);
      }
    }
    for (Message m : c.messages) {
      next = m.aged(next);
    }
    return next;
  }

  /** The claim has ended for its client, one way or the other; the next is another. */
  private static long over(long s, Client c) {
    return c.deadline.set(c.claim.set(c.phase.set(s, 0), c.claim.of(s) + 1), 0);
  }

  private void act(long s, Client c, Steps out) {
    int phase = c.phase.of(s);
    if (phase == 0 && c.claim.of(s) < c.claims) {
      send(c.phase.set(s, ASKS), c, CLAIM, "claims", out);
    } else if (phase == ASKS) {
      send(s, c, CLAIM, "claims again", out);
      send(s, c, RELEASE, "withdraws", out);
      out.to("a client dies", over(s, c));
    } else if (phase == HOLDS) {
      send(s, c, RENEW, "renews", out);
      send(s, c, RELEASE, "releases", out);
      if (bugs.contains(Bug.TIMEOUT_COUNTS_AS_RENEWAL)) {
        out.to("a renewal times out", c.deadline.set(s, LEASE - margin()));
      }
    }
  }

  private static void send(long s, Client c, int kind, String what, Steps out) {
    long after = kind == RELEASE ? over(s, c) : s;
    out.to(what, Message.send(after, c.messages, kind, c.claim.of(s), 0));
  }

  private void arrive(long s, Client c, Message m, Steps out) {
    int kind = m.kind.of(s);
    if (kind == 0) {
      return;
    }
    out.to("a message is lost", m.gone(s));
    if (kind == YES) {
      out.to("an answer arrives", m.gone(heard(s, c, m)));
      return;
    }
    int id = id(c, m.claim.of(s));
    boolean mine = owner.of(s) == id;
    long next = s;
    boolean yes = false;
    if (kind == RELEASE) {
      next = mine || bugs.contains(Bug.RELEASE_UNCHECKED) ? left.set(owner.set(s, NOBODY), 0) : s;
    } else if (mine || (kind == CLAIM ? left.of(s) == 0 : bugs.contains(Bug.RENEWAL_UNCHECKED))) {
      next = left.set(owner.set(s, id), LEASE);
      yes = true;
    }
    out.to("a request is run, its double comes later", next);
    out.to("a request is run", yes ? m.kind.set(next, YES) : m.gone(next));
  }

  /** What a client makes of a positive answer. */
  private long heard(long s, Client c, Message m) {
    int phase = c.phase.of(s);
    if (phase == 0 || m.claim.of(s) != c.claim.of(s)) {
      return s;
    }
    int age = bugs.contains(Bug.DEADLINE_FROM_THE_ANSWER) ? 0 : m.age.of(s);
    int deadline = Math.max(c.deadline.of(s), LEASE - margin() - age);
    return deadline <= 0 ? over(s, c) : c.deadline.set(c.phase.set(s, HOLDS), deadline);
  }

  private int margin() {
    return bugs.contains(Bug.NO_MARGIN) ? 0 : 1;
  }
}
