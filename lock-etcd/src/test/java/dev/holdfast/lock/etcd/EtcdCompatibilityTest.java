package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.EtcdServer;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.io.BufferedReader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks of etcd's own tool, of jetcd and ours, under one prefix. */
class EtcdCompatibilityTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  /** Of 200 rounds: etcdctl is a process each time. */
  private static final int ETCDCTL = 50;

  private static final int JETCD = 60;
  private static final int OURS = 90;

  @TempDir private Path folder;

  private final EtcdServer server = Servers.alone();

  private LockClient client(String who) {
    return LockClient.connect(
        "etcd://127.0.0.1:" + server.port() + "/compatible",
        LockClientOptions.builder().description(who).build());
  }

  /** X1: whoever holds makes a folder that must not be there; so all three watch each other. */
  @Test
  void etcdctlAndJetcdAndOurs_neverOverlap() throws Exception {
    Path witness = folder.resolve("held");
    AtomicInteger rounds = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (Client jetcd = Client.builder().endpoints(server.endpoint()).build();
        LockClient a = client("a");
        LockClient b = client("b")) {
      List<Future<?>> all = new ArrayList<>();
      for (LockClient ours : List.of(a, b)) {
        all.add(threads.submit(() -> ours(ours, witness, rounds)));
      }
      all.add(threads.submit(() -> jetcd(jetcd, witness, rounds)));
      all.add(threads.submit(() -> etcdctl(witness, rounds)));
      for (Future<?> each : all) {
        each.get(120, TimeUnit.SECONDS);
      }
      assertThat(rounds).hasValue(ETCDCTL + JETCD + OURS);
      String left = EtcdCtl.run(server, "get", "--prefix", "compatible/n/", "--keys-only");
      assertThat(left).isBlank();
    } finally {
      threads.shutdownNow();
    }
  }

  private static Void ours(LockClient client, Path witness, AtomicInteger rounds) throws Exception {
    for (int i = 0; i < OURS / 2; i++) {
      try (LockHandle held = client.lock("n").acquire(Duration.ofSeconds(60))) {
        visit(witness, rounds);
        held.ensureHeld();
      }
    }
    return null;
  }

  private static Void jetcd(Client client, Path witness, AtomicInteger rounds) throws Exception {
    long lease = client.getLeaseClient().grant(120).get(5, TimeUnit.SECONDS).getID();
    for (int i = 0; i < JETCD; i++) {
      ByteSequence key =
          client
              .getLockClient()
              .lock(EtcdKeys.bytes("compatible/n"), lease)
              .get(60, TimeUnit.SECONDS)
              .getKey();
      visit(witness, rounds);
      client.getLockClient().unlock(key).get(5, TimeUnit.SECONDS);
    }
    client.getLeaseClient().revoke(lease).get(5, TimeUnit.SECONDS);
    return null;
  }

  private Void etcdctl(Path witness, AtomicInteger rounds) throws Exception {
    for (int i = 0; i < ETCDCTL; i++) {
      String script = "mkdir '" + witness + "' && rmdir '" + witness + "' && echo visited";
      String printed = EtcdCtl.run(server, "lock", "compatible/n", "--", "sh", "-c", script);
      assertThat(printed).contains("visited");
      rounds.incrementAndGet();
    }
    return null;
  }

  private static void visit(Path witness, AtomicInteger rounds) throws Exception {
    try {
      Files.createDirectory(witness);
    } catch (FileAlreadyExistsException e) {
      throw new AssertionError("somebody else holds the lock", e);
    }
    Files.delete(witness);
    rounds.incrementAndGet();
  }

  /** P3: with etcd's own tool, and with ours. */
  @Test
  void etcdctl_showsWhoHoldsAndWhoWaits_andIsSeenItself() throws Exception {
    try (LockClient a = client("holder a");
        LockClient b = client("waiter b")) {
      LockHandle held = a.lock("shown/1").acquire();
      CompletableFuture<LockHandle> waits = b.lock("shown/1").acquireAsync();
      String[] get = {"get", "--prefix", "compatible/shown%2F1/", "--sort-by=CREATE"};
      Await.until("two keys", LONG, () -> EtcdCtl.run(server, get).lines().count() == 4);
      List<String> shown = EtcdCtl.run(server, get).lines().toList();
      assertThat(shown.get(1)).isEqualTo("holder a");
      assertThat(shown.get(3)).isEqualTo("waiter b");
      Process tool = EtcdCtl.start(server, "lock", "compatible/shown%2F1");
      Await.until("etcdctl", LONG, () -> EtcdCtl.run(server, get).lines().count() >= 5);
      held.close();
      LockHandle next = waits.get(5, TimeUnit.SECONDS);
      next.close();
      Await.until(
          "etcdctl as the holder",
          LONG,
          () ->
              b.lock("shown/1").holder().isPresent()
                  && b.lock("shown/1").holder().get().description().startsWith("key compatible/"));
      assertThat(a.lock("shown/1").tryAcquire()).isEmpty();
      try (BufferedReader printed = tool.inputReader()) {
        assertThat(printed.readLine()).startsWith("compatible/shown%2F1/");
      }
      tool.destroy();
      a.lock("shown/1").acquire(LONG).close();
    }
  }

  /** X2: a name is never below another, here or for the native tools. */
  @Test
  void nameWithASlash_isNotBelowItsBeginning() throws Exception {
    try (LockClient a = client("a");
        LockClient b = client("b")) {
      LockHandle outer = a.lock("a").acquire();
      LockHandle inner = b.lock("a/b").tryAcquire().orElseThrow();
      assertThat(b.lock("a").tryAcquire()).isEmpty();
      outer.close();
      assertThat(b.lock("a").tryAcquire()).isPresent();
      inner.close();
    }
  }
}
