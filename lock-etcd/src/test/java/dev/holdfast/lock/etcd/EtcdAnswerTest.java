package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.spi.ReleaseOutcome;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import dev.holdfast.lock.testkit.spi.TestContext;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Answers that come at the same time as something else that concerns their claim. */
class EtcdAnswerTest {

  private final AnswerHook hook = new AnswerHook();
  private final EtcdLockOptions options =
      EtcdLockOptions.builder().keyPrefix("answer" + System.nanoTime()).build();

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  /** X3, H-05: whichever of the two comes first, the key does not stay. */
  @Test
  void withdrawal_whileTheAnswerIsLookedInto_leavesNoKey() throws Exception {
    try (Client real = Client.builder().endpoints(Servers.alone().endpoint()).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      LockBackend backend = EtcdLocks.over(hook.wrap(real), options).open(context);
      get(backend.release(claimed(backend, TestClaim.of("warm up"))));
      TestClaim claim = TestClaim.of("n");
      hook.onNextAnswer(
          () -> {
            var unused = backend.release(claim);
          });
      // As the engine does with a grant that nobody wants any more.
      get(backend.release(claimed(backend, claim)));
      assertThat(EtcdCtl.run(Servers.alone(), "get", "--prefix", options.keyPrefix() + "/n/"))
          .isBlank();
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /**
   * X1: a store that is slow at first is asked twice, and both questions make a lease. The second
   * must not take away the key that the first one has been granted by.
   */
  @Test
  void questions_thatAreAnsweredTogether_areAboutOneKey() throws Exception {
    LateCalls late = new LateCalls("Lease/LeaseGrant");
    try (Client slow =
            Client.builder().endpoints(Servers.alone().endpoint()).interceptor(late).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      LockBackend backend = EtcdLocks.over(slow, options).open(context);
      TestClaim claim = TestClaim.of("n");
      late.hold(false);
      CompletionStage<ClaimOutcome> first = backend.claim(claim);
      Trial.pass(Duration.ofMillis(1_100)); // after a second another lease is asked for
      CompletionStage<ClaimOutcome> second = backend.claim(claim);
      Await.until(
          "the second lease to be asked for", Duration.ofSeconds(5), () -> late.held() == 2);
      late.deliver();
      long token = token(first);
      assertThat(token(second)).isEqualTo(token);
      assertThat(
              slow.getKVClient()
                  .get(EtcdKeys.bytes(options.keyPrefix() + "/n/test-0"))
                  .get(5, TimeUnit.SECONDS)
                  .getKvs())
          .singleElement()
          .matches(key -> key.getCreateRevision() == token, "is the key of the grant");
      get(backend.release(claim));
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /** The same in whatever order the two are answered. */
  @Test
  void questions_thatOvertakeEachOther_areAboutOneKey() throws Exception {
    try (Client client = Client.builder().endpoints(Servers.alone().endpoint()).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      LockBackend backend = EtcdLocks.over(client, options).open(context);
      get(backend.release(claimed(backend, TestClaim.of("n"))));
      for (int i = 0; i < 100; i++) {
        TestClaim claim = TestClaim.of("n");
        CompletionStage<ClaimOutcome> first = backend.claim(claim);
        CompletionStage<ClaimOutcome> second = backend.claim(claim);
        assertThat(token(first)).isEqualTo(token(second));
        assertThat(get(backend.release(claim))).isEqualTo(ReleaseOutcome.RELEASED);
      }
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /**
   * X1: of two questions under two leases the first is answered last. What it tells of went with
   * its lease; the key of the grant stays.
   */
  @Test
  void answerUnderTheLeaseBefore_afterTheGrant_leavesItsKey() throws Exception {
    try (Client real = Client.builder().endpoints(Servers.alone().endpoint()).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      LockBackend backend = EtcdLocks.over(hook.wrap(real), options).open(context);
      TestClaim claim = TestClaim.of("n");
      CompletableFuture<Void> arrives = hook.holdNextAnswer();
      CompletionStage<ClaimOutcome> first = backend.claim(claim);
      revokeLeaseOf(real, key(real));
      ClaimOutcome.Granted granted = (ClaimOutcome.Granted) get(backend.claim(claim));
      arrives.complete(null);
      assertThat(get(first)).isEqualTo(granted);
      Trial.pass(Duration.ofMillis(200)); // for a delete, if there was one
      assertThat(key(real).getCreateRevision()).isEqualTo(granted.fencingToken());
      assertThat(get(backend.release(claim))).isEqualTo(ReleaseOutcome.RELEASED);
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /** L1: the same before the second one is answered: nothing is granted by a key that is gone. */
  @Test
  void answerUnderTheLeaseBefore_beforeTheGrant_isNone() throws Exception {
    try (Client real = Client.builder().endpoints(Servers.alone().endpoint()).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      LockBackend backend = EtcdLocks.over(hook.wrap(real), options).open(context);
      TestClaim claim = TestClaim.of("n");
      CompletableFuture<Void> arrives = hook.holdNextAnswer();
      CompletionStage<ClaimOutcome> first = backend.claim(claim);
      revokeLeaseOf(real, key(real));
      backend.renew(List.of(claim));
      Await.until("its end", Duration.ofSeconds(10), () -> context.gone.containsKey(claim));
      CompletableFuture<Void> alsoArrives = hook.holdNextAnswer();
      CompletionStage<ClaimOutcome> second = backend.claim(claim);
      long present = key(real).getCreateRevision();
      arrives.complete(null);
      assertThat(get(first)).isInstanceOf(ClaimOutcome.Waiting.class);
      alsoArrives.complete(null);
      assertThat(token(second)).isEqualTo(present);
      assertThat(get(backend.release(claim))).isEqualTo(ReleaseOutcome.RELEASED);
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /** L3, R1: granted anew while the end of its first key is being told, it is not told of that. */
  @Test
  void grant_whileTheEndOfTheKeyBeforeIsTold_comesAfterThat() throws Exception {
    try (Client client = Client.builder().endpoints(Servers.alone().endpoint()).build();
        TestContext context = new TestContext(LockClientOptions.builder().build())) {
      AtomicReference<Runnable> whileTold = new AtomicReference<>(() -> {});
      LockBackend backend =
          EtcdLocks.over(client, options).open(Telling.in(context, () -> whileTold.get().run()));
      TestClaim claim = claimed(backend, TestClaim.of("n"));
      CompletableFuture<Boolean> overtakes = new CompletableFuture<>();
      CompletableFuture<CompletionStage<ClaimOutcome>> again = new CompletableFuture<>();
      whileTold.set(
          () -> {
            again.complete(backend.claim(claim));
            Trial.pass(Duration.ofMillis(500)); // some hundred times what the answer takes
            overtakes.complete(again.join().toCompletableFuture().isDone());
          });
      client.getKVClient().delete(key(client).getKey()).get(5, TimeUnit.SECONDS);
      backend.renew(List.of(claim));
      assertThat(get(overtakes)).isFalse();
      assertThat(get(get(again))).isInstanceOf(ClaimOutcome.Granted.class);
      assertThat(get(backend.release(claim))).isEqualTo(ReleaseOutcome.RELEASED);
      get(backend.close(Duration.ofSeconds(5)));
    }
  }

  /** The one key of the lock, when there is one. */
  private KeyValue key(Client by) {
    GetOption all = GetOption.builder().isPrefix(true).build();
    return Await.value(
        "a key",
        Duration.ofSeconds(10),
        () ->
            by
                .getKVClient()
                .get(EtcdKeys.bytes(options.keyPrefix() + "/n/"), all)
                .get(5, TimeUnit.SECONDS)
                .getKvs()
                .stream()
                .findFirst());
  }

  private static void revokeLeaseOf(Client by, KeyValue key) throws Exception {
    by.getLeaseClient().revoke(key.getLease()).get(5, TimeUnit.SECONDS);
  }

  private static long token(CompletionStage<ClaimOutcome> outcome) throws Exception {
    return ((ClaimOutcome.Granted) get(outcome)).fencingToken();
  }

  private static TestClaim claimed(LockBackend backend, TestClaim claim) throws Exception {
    assertThat(get(backend.claim(claim))).isInstanceOf(ClaimOutcome.Granted.class);
    return claim;
  }
}
