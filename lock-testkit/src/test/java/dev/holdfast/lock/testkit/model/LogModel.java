package dev.holdfast.lock.testkit.model;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A log that everybody writes to and reads: CLAIM enters the line, RELEASE leaves it, who is first
 * holds, RENEW is a sign of life. Who has heard nothing of those before it for a lease writes
 * EXPIRE and names their last signs; it is void if a later sign stands before it. One client with
 * two claims and two records on their way, which are lost, doubled and late, as is what it reads;
 * the others are frozen between judging and writing for as long as they like.
 *
 * <p>{@code lock-pulsar}: LockState (the line), Judge (EXPIRE), Place (which sign counts).
 */
final class LogModel implements Model {

  /** What a careless backend does. */
  enum Bug {
    EXPIRE_NAMES_NO_SIGN,
    DEADLINE_FROM_THE_ANSWER,
    GRANT_COUNTS_FROM_ITS_ARRIVAL,
    RELEASE_NAMES_NO_CLAIM,
    JUDGE_DOES_NOT_WAIT
  }

  private static final int LEASE = 4;
  private static final int MARGIN = 1;
  private static final int CLAIMS = 2;

  private static final int ASKS = 1;
  private static final int HOLDS = 2;

  private static final int CLAIM = 1;
  private static final int RENEW = 2;
  private static final int RELEASE = 3;
  private static final int SIGN = 4;
  private static final int FIRST = 5;

  private final Set<Bug> bugs = EnumSet.noneOf(Bug.class);
  private final Layout layout = new Layout();

  private final Field phase = layout.field(HOLDS);
  private final Field claim = layout.field(CLAIMS);
  private final Field deadline = layout.field(LEASE);

  private final Message[] messages = {message(), message()};

  /** That the client is the first, as it will read it. */
  private final Message grant = message();

  /** In the line: none, or one more than the client's claim. */
  private final Field place = layout.field(CLAIMS);

  /** How long ago the S of its last sign was that stands in the log. */
  private final Field signed = layout.field(LEASE);

  /** How long ago that sign was written. */
  private final Field written = layout.field(LEASE);

  private final Field ahead = layout.field(1);
  private final Field behind = layout.field(1);

  /** Somebody has judged the client's last sign to be too old. */
  private final Field judged = layout.field(1);

  /** Somebody judged an earlier one, and has not written that yet. */
  private final Field judgedEarlier = layout.field(1);

  LogModel(Bug... seeded) {
    bugs.addAll(Set.of(seeded));
  }

  private Message message() {
    return new Message(layout, FIRST, CLAIMS, LEASE);
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public @Nullable String broken(long s) {
    boolean its = place.of(s) == claim.of(s) + 1 && ahead.of(s) == 0;
    return phase.of(s) == HOLDS && !its ? "L1: a holder is not the first any more" : null;
  }

  @Override
  public void steps(long s, Steps out) {
    out.to("a tick", passed(s));
    act(s, out);
    others(s, out);
    for (Message m : messages) {
      arrive(s, m, out);
    }
    arrive(s, grant, out);
  }

  private long passed(long s) {
    long next = s;
    if (place.of(s) > 0) {
      next = written.up(signed.up(next));
    }
    if (phase.of(s) == HOLDS) {
      next = deadline.set(next, deadline.of(s) - 1);
      next = deadline.of(next) == 0 ? over(next) : next;
    }
    for (Message m : messages) {
      next = m.aged(next);
    }
    return grant.aged(next);
  }

  private long over(long s) {
    return claim.set(deadline.set(phase.set(s, 0), 0), claim.of(s) + 1);
  }

  private void act(long s, Steps out) {
    int now = claim.of(s);
    if (phase.of(s) == 0 && now < CLAIMS) {
      out.to("claims", Message.send(phase.set(s, ASKS), messages, CLAIM, now, 0));
    } else if (phase.of(s) != 0) {
      out.to("renews", Message.send(s, messages, RENEW, now, 0));
      out.to("releases", Message.send(over(s), messages, RELEASE, now, 0));
    }
  }

  private void others(long s, Steps out) {
    if (ahead.of(s) == 1) {
      out.to("another goes, the client may be the first", first(ahead.set(s, 0)));
    }
    if (place.of(s) == 0) {
      out.to("another comes", ahead.set(s, 1));
      return;
    }
    out.to("another comes or goes behind", behind.set(s, 1 - behind.of(s)));
    if (written.of(s) == LEASE || bugs.contains(Bug.JUDGE_DOES_NOT_WAIT)) {
      out.to("another has heard nothing for a lease", judged.set(s, 1));
    }
    if (judged.of(s) == 1) {
      out.to("it writes that", outOfLine(s));
    }
    if (judgedEarlier.of(s) == 1) {
      long late = judgedEarlier.set(s, 0);
      boolean blind = bugs.contains(Bug.EXPIRE_NAMES_NO_SIGN);
      out.to("one that was frozen writes what it judged", blind ? outOfLine(late) : late);
    }
  }

  /** What the client will read if it is in the line now: it counts from its last sign. */
  private long first(long s) {
    if (place.of(s) == 0 || !grant.isFree(s)) {
      return s;
    }
    return grant.age.set(grant.sent(s, FIRST, place.of(s) - 1), signed.of(s));
  }

  private long outOfLine(long s) {
    long next = written.set(signed.set(place.set(s, 0), 0), 0);
    next = judgedEarlier.set(judged.set(next, 0), 0);
    return behind.of(s) == 1 ? ahead.set(behind.set(next, 0), 1) : next;
  }

  private void arrive(long s, Message m, Steps out) {
    int kind = m.kind.of(s);
    if (kind == 0) {
      return;
    }
    out.to("it is lost", m.gone(s));
    int its = m.claim.of(s) + 1;
    boolean inLine = place.of(s) == its;
    switch (kind) {
      case CLAIM, RENEW -> {
        boolean enters = kind == CLAIM && place.of(s) == 0;
        long next = enters || inLine ? sign(place.set(s, its), m.age.of(s)) : s;
        int answer = ahead.of(next) == 0 ? FIRST : SIGN;
        out.to("a record is written, its double comes later", next);
        out.to(
            "a record is written", place.of(next) == its ? m.kind.set(next, answer) : m.gone(next));
      }
      case RELEASE -> {
        boolean own = inLine || bugs.contains(Bug.RELEASE_NAMES_NO_CLAIM);
        out.to("a release is written", m.gone(own ? outOfLine(s) : s));
      }
      default -> out.to("the client reads", m.gone(heard(s, m)));
    }
  }

  private long sign(long s, int age) {
    int earlier = Math.max(judgedEarlier.of(s), judged.of(s));
    return signed.set(written.set(judged.set(judgedEarlier.set(s, earlier), 0), 0), age);
  }

  private long heard(long s, Message m) {
    boolean its = phase.of(s) != 0 && m.claim.of(s) == claim.of(s);
    boolean sign = m.kind.of(s) == SIGN;
    if (!its || (sign && phase.of(s) != HOLDS)) {
      return s;
    }
    boolean blind =
        bugs.contains(Bug.DEADLINE_FROM_THE_ANSWER)
            || (m == grant && bugs.contains(Bug.GRANT_COUNTS_FROM_ITS_ARRIVAL));
    int until = Math.max(deadline.of(s), LEASE - MARGIN - (blind ? 0 : m.age.of(s)));
    return until <= 0 ? over(s) : deadline.set(phase.set(s, HOLDS), until);
  }
}
