package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LeaderLatch;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Fault;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** After an outage somebody leads again, and never two: E2, and E1 under fire. */
public interface OutageContract extends ContractTest {

  /** E2: after each outage that heals one of the participants leads again, by itself. */
  @Test
  default void outages_ofAllParticipants_areFollowedByOneLeader() throws Exception {
    List<TestClient> clients = List.of(client(), client());
    List<LeaderLatch> latches = new ArrayList<>();
    List<Terms> all = new ArrayList<>();
    for (TestClient client : clients) {
      LeaderLatch latch = client.latch(name());
      latches.add(latch);
      all.add(Terms.of(latch));
      latch.start();
    }
    for (int outage = 0; outage < 2; outage++) {
      awaitOneLeader(latches);
      clients.forEach(TestClient::silence);
      Await.until(
          "nobody to lead",
          lease().plus(grace()),
          () -> latches.stream().noneMatch(LeaderLatch::hasLeadership));
      ContractTest.pass(renewalPeriod());
      clients.forEach(TestClient::heal);
    }
    awaitOneLeader(latches);
    all.forEach(Terms::closeLatch);
    all.forEach(Terms::checkEnded);
  }

  /** E2: a participant that stands alone leads again after a store that only failed for a while. */
  @Test
  default void failures_ofTheStore_endTheCandidacyOfNobody() throws Exception {
    TestClient a = client();
    LeaderLatch latch = a.latch(name());
    a.line().always(Operation.CLAIM, Fault.fail("away, on purpose"));
    latch.start();
    ContractTest.pass(Duration.ofMillis(300));
    assertThat(latch.hasLeadership()).isFalse();
    a.line().always(Operation.CLAIM, Fault.NONE);
    awaitOneLeader(List.of(latch));
    latch.close();
  }

  /** E2: a leader that is cut off has stopped to lead when the next one begins. */
  @Test
  default void leader_cutOff_hasStoppedWhenTheNextBegins() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LeaderLatch first = a.latch(name());
    Terms firstTerms = Terms.of(first);
    first.start();
    first.await();
    LeaderLatch second = b.latch(name());
    second.start();
    a.silence();
    assertThat(second.await(lease().multipliedBy(3))).isPresent();
    assertThat(first.hasLeadership()).isFalse();
    firstTerms.awaitDeposed(1, grace());
    a.heal();
    second.close();
    awaitOneLeader(List.of(first));
    firstTerms.closeLatch();
    firstTerms.checkEnded();
  }

  private void awaitOneLeader(List<LeaderLatch> latches) {
    Await.until(
        "a leader",
        lease().plusSeconds(5),
        () -> latches.stream().filter(LeaderLatch::hasLeadership).count() == 1);
  }

  /** E1: under losses, steps down, lost messages and late listeners every sequence is in order. */
  @Test
  default void callbacks_underRandomEvents_alternate() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<TestClient> clients = new ArrayList<>();
    List<LeaderLatch> latches = new ArrayList<>();
    List<Terms> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      TestClient client = client();
      clients.add(client);
      LeaderLatch latch = client.latch(name());
      latches.add(latch);
      all.add(Terms.of(latch));
      latch.start();
    }
    for (int step = 0; step < 60; step++) {
      int who = random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0 -> latches.get(who).stepDown();
        case 1 -> deleteRecord(name());
        case 2 -> clients.get(who).line().next(Operation.CLAIM, Fault.loseTheReply());
        case 3 -> clients.get(who).line().next(Operation.RELEASE, Fault.duplicated());
        case 4 -> clients.get(who).line().next(Operation.RENEW, Fault.loseTheReply());
        default -> all.add(Terms.of(latches.get(who)));
      }
      ContractTest.pass(Duration.ofMillis(random.nextInt(50)));
    }
    latches.forEach(LeaderLatch::close);
    all.forEach(Terms::closeLatch);
    for (Terms terms : all) {
      assertThat(terms).as("seed %d", seed).satisfies(Terms::checkEnded);
    }
  }
}
