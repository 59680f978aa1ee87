package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.fault.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tokens order all grants of a name: F1 and F2. */
public interface FencingContract extends ContractTest {

  /** F1: over releases, hand-overs, deletion, expiry, and clients that come and go. */
  @Test
  default void tokens_ofAName_increaseWhateverHappens() throws Exception {
    List<Long> tokens = new ArrayList<>();
    TestClient a = client();
    for (int i = 0; i < 3; i++) {
      tokens.add(tokenOf(a));
    }
    try (TestClient shortLived = client()) {
      tokens.add(tokenOf(shortLived));
    }
    tokens.add(tokenOf(a));
    var unused = a.hold(name());
    deleteRecord(name());
    TestClient b = client();
    LockHandle afterDeletion = b.hold(name());
    tokens.add(afterDeletion.fencingToken());
    b.silence();
    TestClient c = client();
    LockHandle afterExpiry = c.lock(name()).acquire(lease().plus(grace()).multipliedBy(2));
    tokens.add(afterExpiry.fencingToken());
    deleteRecord(name());
    tokens.add(tokenOf(a));
    tokens.add(tokenOf(client()));
    assertThat(tokens).isSorted().doesNotHaveDuplicates().allMatch(token -> token > 0);
  }

  private long tokenOf(TestClient client) throws InterruptedException {
    try (LockHandle held = client.hold(name())) {
      return held.fencingToken();
    }
  }

  /** F1: a waiter's token is that of its grant, though others came later and were served before. */
  @Test
  default void token_ofAnEarlyWaiter_isDrawnAtItsGrant() throws Exception {
    TestClient a = client();
    TestClient b = client();
    TestClient c = client();
    LockHandle first = a.hold(name());
    Duration wait = lease().multipliedBy(5);
    Future<Long> early =
        start(
            () -> {
              try (LockHandle held = b.lock(name()).acquire(wait)) {
                return held.fencingToken();
              }
            });
    Await.until("B's claim", grace(), () -> b.line().count(Operation.CLAIM) > 0);
    b.silence();
    first.close();
    long between;
    try (LockHandle held = c.lock(name()).acquire(wait)) {
      between = held.fencingToken();
    }
    b.heal();
    assertThat(between).isGreaterThan(first.fencingToken());
    assertThat(get(early)).isGreaterThan(between);
  }

  /** F1: tokens outlive a restart of the store. */
  @Test
  default void tokens_overARestartOfTheStore_increase() throws Exception {
    TestClient a = client();
    long before = tokenOf(a);
    requires(fixture().restartStore(), "F1", "a restart in its fixture");
    long after = Await.value("the store", Duration.ofSeconds(60), () -> tokenAfterRestart(a));
    assertThat(after).isGreaterThan(before);
  }

  private Optional<Long> tokenAfterRestart(TestClient client) throws Exception {
    return Optional.of(tokenOf(client));
  }

  /** F2: a handle keeps its token, also when it is lost and another has a greater one. */
  @Test
  default void token_ofALostHandle_staysAsItWas() throws Exception {
    TestClient a = client();
    LockHandle old = a.hold(name());
    long token = old.fencingToken();
    deleteRecord(name());
    LockHandle next = client().hold(name());
    var unused = Loss.of(old).await(lease());
    assertThat(next.fencingToken()).isGreaterThan(token);
    assertThat(old.fencingToken()).isEqualTo(token);
    assertThat(a.lock(name()).holder().orElseThrow().fencingToken()).hasValue(next.fencingToken());
  }
}
