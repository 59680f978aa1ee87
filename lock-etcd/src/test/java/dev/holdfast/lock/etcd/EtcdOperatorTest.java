package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.LockTimeoutException;
import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.ReleaseResult;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.EtcdServer;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators and other programs do to the keys of a lock, and to the store below it. */
class EtcdOperatorTest {

  private static final Duration LEASE = Duration.ofSeconds(4);

  /** A renewal period, and what some requests take on a busy machine. */
  private static final Duration SOON = Duration.ofSeconds(5);

  private final String prefix = "operator" + System.nanoTime();
  private Client operator;
  private LockClient a;
  private LockClient b;

  private static LockClient client(EtcdServer server, String prefix, String who) {
    return LockClient.connect(
        "etcd://127.0.0.1:" + server.port() + "/" + prefix,
        LockClientOptions.builder()
            .lease(LEASE)
            .pollInterval(Duration.ofSeconds(30))
            .description(who)
            .build());
  }

  @BeforeEach
  void open() {
    EtcdServer server = Servers.alone();
    operator = Client.builder().endpoints(server.endpoint()).build();
    a = client(server, prefix, "a");
    b = client(server, prefix, "b");
  }

  @AfterEach
  void close() {
    a.close();
    b.close();
    operator.close();
  }

  private List<KeyValue> keys() throws Exception {
    return operator
        .getKVClient()
        .get(EtcdKeys.bytes(prefix + "/n/"), GetOption.builder().isPrefix(true).build())
        .get(5, TimeUnit.SECONDS)
        .getKvs();
  }

  private KeyValue keyOf(String who) throws Exception {
    return Await.value(
        "the key of " + who,
        SOON,
        () -> keys().stream().filter(key -> EtcdKeys.text(key.getValue()).equals(who)).findFirst());
  }

  private void put(ByteSequence key, String value) throws Exception {
    operator.getKVClient().put(key, EtcdKeys.bytes(value)).get(5, TimeUnit.SECONDS);
  }

  private void delete(ByteSequence key) throws Exception {
    operator.getKVClient().delete(key).get(5, TimeUnit.SECONDS);
  }

  private static CompletableFuture<LockLoss> lossOf(LockHandle handle) {
    CompletableFuture<LockLoss> lost = new CompletableFuture<>();
    handle.onLost(lost::complete);
    return lost;
  }

  /** W3: a waiter needs no history, so nothing that is thrown away may keep it from its turn. */
  @Test
  void compaction_whileWaiting_changesNothing() throws Exception {
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> waits = b.lock("n").acquireAsync();
    keyOf("b");
    for (int i = 0; i < 3; i++) {
      put(EtcdKeys.bytes(prefix + "-other"), "written " + i);
      long now = keys().get(0).getModRevision() + 1 + i;
      operator.getKVClient().compact(now).get(5, TimeUnit.SECONDS);
    }
    held.close();
    waits.get(5, TimeUnit.SECONDS).close();
  }

  /** H-36: the lease of the waiter dies, and at once it would be its turn. */
  @Test
  void waiterWhoseLeaseWasRevoked_isGrantedByAKeyThatIsThere() throws Exception {
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockHandle> waits = b.lock("n").acquireAsync();
    long dead = keyOf("b").getLease();
    operator.getLeaseClient().revoke(dead).get(5, TimeUnit.SECONDS);
    held.close();
    try (LockHandle granted = waits.get(10, TimeUnit.SECONDS)) {
      assertThat(keys())
          .singleElement()
          .matches(key -> key.getCreateRevision() == granted.fencingToken(), "is the key granted")
          .matches(key -> key.getLease() != dead, "is under a living lease");
    }
  }

  /** W2: a key that never goes is a holder like any other, and is named to whoever gives up. */
  @Test
  void keyOfAStranger_isWaitedFor_andNamed() throws Exception {
    ByteSequence stranger = EtcdKeys.bytes(prefix + "/n/stranger");
    put(stranger, "");
    assertThat(a.lock("n").tryAcquire()).isEmpty();
    assertThatThrownBy(() -> a.lock("n").acquire(Await.scaled(Duration.ofSeconds(1))))
        .isInstanceOf(LockTimeoutException.class)
        .hasMessageContaining("key " + EtcdKeys.text(stranger));
    CompletableFuture<LockHandle> waits = b.lock("n").acquireAsync();
    keyOf("b");
    delete(stranger);
    waits.get(5, TimeUnit.SECONDS).close();
  }

  /**
   * A7: an operator's put takes a key from its lease, but not from its holder, who puts it back.
   */
  @Test
  void putOnAHeldKey_leavesTheLockHeld_andUnderALease() throws Exception {
    LockHandle held = a.lock("n").acquire();
    KeyValue before = keyOf("a");
    put(before.getKey(), "note of an operator");
    Await.until("the lease again", SOON, () -> keys().get(0).getLease() == before.getLease());
    assertThat(held.isHeld()).isTrue();
    assertThat(keys().get(0).getCreateRevision()).isEqualTo(held.fencingToken());
    assertThat(b.lock("n").tryAcquire()).isEmpty();
    assertThat(held.release()).isEqualTo(ReleaseResult.RELEASED);
    assertThat(keys()).isEmpty();
  }

  /** R1, L4: the same name, but not the same key. */
  @Test
  void keyThatWasPutAnewByOthers_isTheirs() throws Exception {
    LockHandle held = a.lock("n").acquire();
    CompletableFuture<LockLoss> lost = lossOf(held);
    ByteSequence key = keyOf("a").getKey();
    delete(key);
    put(key, "somebody else");
    assertThat(lost.get(10, TimeUnit.SECONDS).reason()).isEqualTo(LossReason.REVOKED);
    assertThat(held.release()).isEqualTo(ReleaseResult.ALREADY_LOST);
    a.lock("other").acquire().close();
    assertThat(keys())
        .singleElement()
        .matches(kv -> EtcdKeys.text(kv.getValue()).equals("somebody else"));
    delete(key);
  }

  /** H-32: from one moment to the next etcd wants a password that this client does not have. */
  @Test
  void passwordsSwitchedOnWhileHolding_isToldInTime() throws Exception {
    try (EtcdServer server = EtcdServer.launch();
        LockClient c = client(server, prefix, "c")) {
      LockHandle held = c.lock("n").acquire();
      CompletableFuture<LockLoss> lost = lossOf(held);
      EtcdCtl.run(server, "user", "add", "root:root-secret");
      EtcdCtl.run(server, "user", "grant-role", "root", "root");
      EtcdCtl.run(server, "auth", "enable");
      long enabled = System.nanoTime();
      lost.get(10, TimeUnit.SECONDS);
      assertThat(Duration.ofNanos(System.nanoTime() - enabled)).isLessThan(Await.scaled(LEASE));
      assertThat(held.isHeld()).isFalse();
    }
  }
}
