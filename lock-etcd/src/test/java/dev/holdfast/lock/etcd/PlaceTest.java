package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is known of a key when its lease has gone. */
class PlaceTest {

  private final Session before = new Session(1, 1, 0, Duration.ofSeconds(10));
  private final Session next = new Session(2, 1, 0, Duration.ofSeconds(10));
  private final Place place = new Place();

  /** L1: a look at the key of the lease before, answered late, grants nothing under the next. */
  @Test
  void lookAtTheKeyOfTheLeaseBefore_grantsNothing() {
    place.enter(before);
    place.answered(5);
    before.died();
    assertThat(place.enter(next)).isSameAs(next);
    assertThat(place.grant(next, 5)).isEmpty();
    place.answered(7);
    assertThat(place.grant(next, 7)).isPresent();
  }

  /** L1: what holds is not counted to a lease that another question was to be under. */
  @Test
  void questionAfterTheGrant_leavesItUnderItsLease() {
    place.enter(before);
    place.enter(before);
    place.answered(5);
    place.grant(before);
    before.died();
    assertThat(place.enter(next)).isSameAs(before);
    assertThat(place.session()).isSameAs(before);
  }
}
