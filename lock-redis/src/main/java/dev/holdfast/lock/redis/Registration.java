package dev.holdfast.lock.redis;

import dev.holdfast.lock.spi.Claim;
import java.util.List;

/**
 * What this client tells the server with a claim: how long it may be, from which instant a grant
 * will count, and where to send it.
 *
 * @param channel on which this client is told of grants
 */
record Registration(String channel) {

  private static final long LEAST_MARGIN = 200;

  /** The arguments of a claim; {@code sent} is the ticker's time. */
  String[] of(Claim claim, long sent) {
    return new String[] {claim.id(), lease(claim), claim.description(), place(claim, sent)};
  }

  /** The arguments of a hand-over from one claim to another. */
  String[] ofHandOver(Claim from, Claim to, long sent) {
    return new String[] {from.id(), to.id(), lease(to), to.description(), place(to, sent)};
  }

  private String place(Claim claim, long sent) {
    return claim.queue() ? least(claim) + ' ' + sent + ' ' + channel : "";
  }

  /** The arguments for claims that wait. */
  String[] ofAll(List<Claim> waiting, long sent) {
    String[] args = new String[3 + 3 * waiting.size()];
    args[0] = Long.toString(sent);
    args[1] = channel;
    args[2] = waiting.get(0).description(); // all are of this client
    for (int i = 0; i < waiting.size(); i++) {
      Claim claim = waiting.get(i);
      args[3 + 3 * i] = claim.id();
      args[4 + 3 * i] = lease(claim);
      args[5 + 3 * i] = least(claim);
    }
    return args;
  }

  /** Whole milliseconds, rounded up: the key must not expire before what we trust. */
  static String lease(Claim claim) {
    return Long.toString(claim.lease().plusNanos(999_999).toMillis());
  }

  /**
   * What must be left of a registration for a grant to be worth something to its owner: twice the
   * usual margin (CONTRACT.md, A8).
   */
  private static String least(Claim claim) {
    return Long.toString(2 * Math.max(claim.lease().toMillis() / 10, LEAST_MARGIN));
  }
}
