package dev.holdfast.lock.redis;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.LongFunction;

/** A script to be run, and what its answer means. */
final class Call<T> {

  /**
   * What a script answered.
   *
   * @param asOf the ticker's time before it was sent for the first time
   * @param replicas how many have confirmed what was written, if that was asked for
   */
  record Reply(Object value, long asOf, long replicas) {

    /** Whether it is the number 1, by which scripts say yes. */
    boolean isYes() {
      return value instanceof Long number && number == 1;
    }
  }

  final Script script;
  final String[] keys;
  final LongFunction<String[]> args;
  final Function<Reply, T> meaning;
  final int replicas;
  final Duration patience;

  /**
   * A call whose effect replicas are to confirm.
   *
   * @param keys in the order in which the scripts name them
   * @param args made when it is sent, from the ticker's time at that moment
   * @param meaning of the answer; one that cannot be made sense of throws, and fails the call
   * @param replicas how many; zero asks none
   * @param patience for the replicas
   */
  Call(
      Script script,
      String[] keys,
      LongFunction<String[]> args,
      Function<Reply, T> meaning,
      int replicas,
      Duration patience) {
    this.script = script;
    this.keys = keys;
    this.args = args;
    this.meaning = meaning;
    this.replicas = replicas;
    this.patience = patience;
  }

  /** A call whose effect is the server's own. */
  static <T> Call<T> of(Script script, String[] keys, Function<Reply, T> meaning, String... args) {
    return new Call<>(script, keys, sent -> args, meaning, 0, Duration.ZERO);
  }
}
