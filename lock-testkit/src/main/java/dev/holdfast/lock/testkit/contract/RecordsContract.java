package dev.holdfast.lock.testkit.contract;

import static dev.holdfast.lock.testkit.contract.ContractTest.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockRefusedException;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The record beside a lock, and the switch of the operator, where the store has them: P5. */
public interface RecordsContract extends ContractTest {

  private LockRecords records(TestClient client) {
    Optional<LockRecords> records = client.backend().records();
    requires(records.isPresent(), "P5", "records");
    return records.orElseThrow();
  }

  private static <T> T now(CompletionStage<T> stage) throws Exception {
    return get(stage.toCompletableFuture());
  }

  /** P5: the holder writes, everybody reads, and the record outlives the hold. */
  @Test
  default void record_writtenByTheHolder_isReadByAll() throws Exception {
    TestClient a = client();
    LockRecords records = records(a);
    LockHandle held = a.hold(name());
    assertThat(now(records.read(name()))).isEmpty();
    String text = "last run: \u65e5\u672c \ud83d\udd12 '; --\n".repeat(60);
    assertThat(now(records.write(claim(a), text))).isTrue();
    held.close();
    assertThat(now(records(client()).read(name()))).contains(text);
    LockHandle next = a.hold(name());
    assertThat(now(records.write(claim(a), "second"))).isTrue();
    assertThat(now(records.read(name()))).contains("second");
    next.close();
  }

  private Claim claim(TestClient client) {
    return client.line().granted(name()).orElseThrow();
  }

  /** P5: who has lost the lock writes nothing. */
  @Test
  default void record_writtenAfterTheLoss_isNotWritten() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockRecords records = records(a);
    LockHandle old = a.hold(name());
    Claim claim = claim(a);
    deleteRecord(name());
    var unused = Loss.of(old).await(lease());
    assertThat(now(records.write(claim, "stale, free"))).isFalse();
    LockHandle next = b.hold(name());
    assertThat(now(records.write(claim, "stale, taken"))).isFalse();
    assertThat(now(records.read(name()))).isEmpty();
    next.close();
    assertThat(now(records.write(claim, "stale, released"))).isFalse();
    assertThat(now(records.read(name()))).isEmpty();
  }

  /** P5: a lock that is switched off is refused to all, whether they ask or wait already. */
  @Test
  default void switchedOff_isRefused_untilSwitchedOn() throws Exception {
    TestClient a = client();
    TestClient b = client();
    LockRecords records = records(a);
    LockHandle held = a.hold(name());
    CompletableFuture<LockHandle> waits = b.lock(name()).acquireAsync();
    now(records.setEnabled(name(), false));
    assertThat(now(a.backend().inspect(name())).enabled()).isFalse();
    Duration limit = lease().plus(grace());
    assertThatThrownBy(() -> waits.get(limit.toMillis(), TimeUnit.MILLISECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(LockRefusedException.class);
    ContractTest.pass(renewalPeriod().plusMillis(100));
    assertThat(held.isHeld()).as("who has it keeps it").isTrue();
    held.close();
    assertThatThrownBy(() -> b.lock(name()).acquire(lease()))
        .isInstanceOf(LockRefusedException.class);
    assertThatThrownBy(() -> b.lock(name()).tryAcquire())
        .isInstanceOf(LockRefusedException.class)
        .hasMessageContaining(name());
    assertThat(client().lock(name("other")).tryAcquire()).isPresent();
    now(records.setEnabled(name(), true));
    Await.until("the lock", lease(), () -> b.lock(name()).tryAcquire().isPresent());
  }

  /** P5: a record is no hold: a name with one is free until it is acquired. */
  @Test
  default void inspect_showsTheSwitchAndTheHolder() throws Exception {
    TestClient a = client();
    LockRecords records = records(a);
    assertThat(now(a.backend().inspect(name())).enabled()).isTrue();
    LockHandle held = a.hold(name());
    assertThat(now(records.write(claim(a), "x"))).isTrue();
    held.close();
    var view = now(a.backend().inspect(name()));
    assertThat(view.enabled()).isTrue();
    assertThat(view.holder()).isEmpty();
    assertThat(view.waiting()).isEmpty();
  }
}
