package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** W4: who has had a name over and over stands back once, and nobody else does. */
class TurnsTest {

  private static final long MS = 1_000_000;

  private final Turns turns = new Turns();

  /** Holds, each right behind the one before. */
  private long hold(String name, long from, int times, long each) {
    long now = from;
    for (int i = 0; i < times; i++) {
      turns.left(name, now, now + each);
      now += each + MS / 2;
    }
    return now;
  }

  @Test
  void manyHoldsInARow_standBackOnce() {
    long now = hold("n", 0, 6, 9 * MS);
    assertThat(turns.isOver("n", now)).isTrue();
    assertThat(turns.isOver("n", now)).isFalse();
    now = hold("n", now, 5, 9 * MS);
    assertThat(turns.isOver("n", now)).isFalse();
    now = hold("n", now, 1, 9 * MS);
    assertThat(turns.isOver("n", now)).isTrue();
  }

  @Test
  void whoComesBackLater_hasStoodBackAlready() {
    long now = hold("n", 0, 10, 25 * MS);
    assertThat(turns.isOver("n", now + 4 * MS)).isFalse();
    assertThat(turns.isOver("n", hold("n", now + 4 * MS, 2, 20 * MS))).isFalse();
  }

  @Test
  void oneLongHold_isNoTurn() {
    assertThat(turns.isOver("n", hold("n", 0, 1, 10_000 * MS))).isFalse();
  }

  @Test
  void otherNames_areNotConcerned() {
    long now = hold("n", 0, 10, 25 * MS);
    assertThat(turns.isOver("m", now)).isFalse();
    assertThat(turns.isOver("n", now)).isTrue();
  }

  /** Times of the ticker may be negative, and pass zero. */
  @Test
  void timesBelowZero_countAsWell() {
    assertThat(turns.isOver("n", hold("n", -60 * MS, 4, 30 * MS))).isTrue();
  }
}
