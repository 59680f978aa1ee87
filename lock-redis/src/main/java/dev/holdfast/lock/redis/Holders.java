package dev.holdfast.lock.redis;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.LockView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Who holds a lock, from what the keys say. */
final class Holders {

  private static final int SHOWN = 100;

  private static final long MICRO = 1_000;

  private Holders() {}

  /**
   * The holder.
   *
   * @param id the value of the lock's key: a claim's id, or whatever another program put there
   * @param fence {@code <token> <claim id> <who>} of the last grant of ours, or empty
   * @param pttl milliseconds until the key expires; negative if it does not
   * @param clock the server's, in microseconds; zero if it was not asked
   */
  static LockHolder of(String id, String fence, long pttl, long clock) {
    Optional<Duration> expiresIn =
        pttl < 0 ? Optional.empty() : Optional.of(Duration.ofMillis(pttl));
    String[] words = fence.split(" ", 3);
    if (words.length < 3 || !words[1].equals(id)) {
      String shown = id.length() > SHOWN ? id.substring(0, SHOWN) + "..." : id;
      return new LockHolder(
          "another program (" + shown + ")", OptionalLong.empty(), Optional.empty(), expiresIn);
    }
    long token = Long.parseLong(words[0]);
    // The token is the clock at the grant, or a little more.
    Optional<Duration> heldFor =
        clock == 0
            ? Optional.empty()
            : Optional.of(Duration.ofNanos(Math.max(0, clock - token) * MICRO));
    return new LockHolder(words[2], OptionalLong.of(token), heldFor, expiresIn);
  }

  /** What inspect.lua saw. */
  static LockView view(List<?> answer) {
    long pttl = (Long) answer.get(0);
    boolean enabled = (Long) answer.get(3) == 1;
    Optional<LockHolder> holder =
        pttl == -2
            ? Optional.empty()
            : Optional.of(
                of((String) answer.get(1), (String) answer.get(2), pttl, (Long) answer.get(4)));
    List<LockHolder> waiting =
        answer.subList(5, answer.size()).stream()
            .map(who -> LockHolder.waiting((String) who))
            .toList();
    return new LockView(holder, waiting, enabled);
  }
}
