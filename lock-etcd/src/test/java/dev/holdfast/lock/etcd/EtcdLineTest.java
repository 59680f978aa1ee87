package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Granted;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import dev.holdfast.lock.spi.LockBackend;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.spi.TestClaim;
import dev.holdfast.lock.testkit.spi.TestContext;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.GetOption;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a waiter may conclude from a look that was under way for long. Found by a soak. */
class EtcdLineTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final String prefix = "line" + System.nanoTime();
  private final String endpoint = Servers.alone().endpoint();
  private final LateCalls late = new LateCalls("KV/Txn");

  /** X1: the waiter's key went with its lease, and it stands behind somebody else by now. */
  @Test
  void look_thatWasSentForAKeyThatIsGone_grantsNothing() throws Exception {
    EtcdLockOptions options = EtcdLockOptions.builder().keyPrefix(prefix).build();
    TestContext context = new TestContext(LockClientOptions.defaults());
    try (Client operator = Client.builder().endpoints(endpoint).build();
        Client lent = Client.builder().endpoints(endpoint).interceptor(late).build()) {
      LockBackend backend = EtcdLocks.over(lent, options).open(context);
      TestClaim claim = TestClaim.of("n");
      put(operator, "first");
      assertThat(claim(backend, claim)).isInstanceOf(Waiting.class);
      ByteSequence own = keys(operator).get(1).getKey();
      put(operator, "second");
      operator.getKVClient().delete(own).get(5, TimeUnit.SECONDS);

      late.hold(false);
      operator.getKVClient().delete(key("first")).get(5, TimeUnit.SECONDS);
      Await.until("the waiter to look", LONG, () -> late.held() > 0);
      late.pass();
      Waiting again = (Waiting) claim(backend, claim);
      assertThat(keys(operator).get(0).getKey()).isEqualTo(key("second"));
      late.deliver();

      assertThat(again.next().toCompletableFuture().get(20, TimeUnit.SECONDS))
          .isNotInstanceOf(Granted.class);
      assertThat(claim(backend, claim)).isInstanceOf(Waiting.class);
      backend.release(claim).toCompletableFuture().get(20, TimeUnit.SECONDS);
      backend.close(LONG).toCompletableFuture().get(30, TimeUnit.SECONDS);
    } finally {
      context.close();
    }
  }

  /** W3: who asks again while a line is being ended hears what it is told, or nobody would. */
  @Test
  void next_askedForWhileTheOutcomeIsTold_isTold() {
    AtomicReference<Watch.Listener> ears = new AtomicReference<>();
    AtomicReference<Runnable> onClose = new AtomicReference<>(() -> {});
    Watch.Watcher watcher =
        proxy(
            Watch.Watcher.class,
            (self, method, arguments) -> {
              onClose.get().run();
              return null;
            });
    Watch watch =
        proxy(
            Watch.class,
            (self, method, arguments) -> {
              ears.set((Watch.Listener) arguments[2]);
              return watcher;
            });
    Client client = proxy(Client.class, (self, method, arguments) -> watch);
    Etcd etcd = Etcd.lent(client, System::nanoTime, Runnable::run);
    Line line = new Line(etcd, new EtcdKeys(prefix, "test"), TestClaim.of("n"), new Place());
    CompletableFuture<ClaimOutcome> first = line.next();
    line.stand(key("first"));
    AtomicReference<CompletableFuture<ClaimOutcome>> second = new AtomicReference<>();
    onClose.set(() -> second.set(line.next()));
    ears.get().onCompleted();
    assertThat(first).isCompleted();
    assertThat(second.get()).isCompleted();
    assertThat(line.isOver()).isTrue();
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static ClaimOutcome claim(LockBackend backend, TestClaim claim) throws Exception {
    return backend.claim(claim).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private ByteSequence key(String contender) {
    return EtcdKeys.bytes(prefix + "/n/" + contender);
  }

  private void put(Client operator, String contender) throws Exception {
    operator.getKVClient().put(key(contender), EtcdKeys.bytes("")).get(5, TimeUnit.SECONDS);
  }

  /** The oldest first. */
  private List<KeyValue> keys(Client operator) throws Exception {
    GetOption oldestFirst =
        GetOption.builder()
            .isPrefix(true)
            .withSortField(GetOption.SortTarget.CREATE)
            .withSortOrder(GetOption.SortOrder.ASCEND)
            .build();
    return operator
        .getKVClient()
        .get(EtcdKeys.bytes(prefix + "/n/"), oldestFirst)
        .get(5, TimeUnit.SECONDS)
        .getKvs();
  }
}
