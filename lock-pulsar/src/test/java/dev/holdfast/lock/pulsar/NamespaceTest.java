package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.PulsarAdmin;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What namespaces forbid, throw away and keep. */
class NamespaceTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int NAMES = 1_000;
  private static final int AT_ONCE = 20;

  private static PulsarAdmin admin() {
    return Servers.alone().admin();
  }

  private static LockClient client(String namespace) {
    return LockClient.connect(
        Servers.alone().serviceUrl() + "/" + namespace,
        LockClientOptions.builder()
            .lease(Duration.ofSeconds(10))
            .operationTimeout(Duration.ofSeconds(10))
            .build());
  }

  @Test
  void nonPersistent_isRefused() {
    assertThatThrownBy(() -> LockClient.connect("non-persistent://public/default/locks"))
        .isInstanceOf(LockConfigurationException.class)
        .hasMessageContaining("non-persistent");
  }

  @Test
  void topicsMayNotBeCreated_saysHow_andWorksOnceItIsDone() throws Exception {
    admin().put("namespaces/public/closed", "{}");
    admin()
        .post("namespaces/public/closed/autoTopicCreation", "{\"allowAutoTopicCreation\":false}");
    try (LockClient client = client("public/closed")) {
      assertThatThrownBy(() -> client.lock("n").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("'n'")
          .hasMessageContaining("pulsar-admin topics create persistent://public/closed/lock-n");
      admin().put("persistent/public/closed/lock-n", "");
      client.lock("n").acquire(LONG).close();
    }
  }

  /** Nothing is retained: what is acknowledged is thrown away when the topic is opened anew. */
  @Test
  void trimmedLog_stillSaysWhoHolds() throws Exception {
    admin().put("namespaces/public/short", "{}");
    admin()
        .post(
            "namespaces/public/short/retention",
            "{\"retentionTimeInMinutes\":0,\"retentionSizeInMB\":0}");
    String topic = "persistent/public/short/lock-n";
    try (LockClient a = client("public/short");
        LockClient b = client("public/short")) {
      for (int i = 0; i < 100; i++) { // so that there is something to acknowledge
        a.lock("n").acquire(LONG).close();
      }
      LockHandle held = a.lock("n").acquire(LONG);
      for (int i = 0; i < 3; i++) {
        admin().put(topic + "/unload", "");
        assertThat(b.lock("n").tryAcquire()).isEmpty();
        admin().post(topic + "/trim", "");
        assertThat(b.lock("n").tryAcquire()).isEmpty();
      }
      assertThat(b.lock("n").holder()).isPresent();
      Cast.pass(Duration.ofSeconds(10)); // a whole lease
      assertThat(held.isHeld()).isTrue();
      assertThat(b.lock("n").tryAcquire()).isEmpty();
      held.close();
      try (LockHandle next = b.lock("n").acquire(LONG)) {
        assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
      }
    }
  }

  /** Leaves what is there for good, such as the topic for the namespace's own policies. */
  private static long topics(String namespace) {
    return Pattern.compile("/lock-")
        .matcher(admin().get("persistent/" + namespace))
        .results()
        .count();
  }

  @Test
  void aThousandNames_areGoneAfterAWhile() throws Exception {
    admin().put("namespaces/public/many", "{}");
    try (LockClient client = client("public/many")) {
      long since = System.nanoTime();
      Deque<CompletableFuture<?>> underway = new ArrayDeque<>();
      for (int i = 0; i < NAMES; i++) {
        if (underway.size() == AT_ONCE) {
          underway.remove().get(60, TimeUnit.SECONDS);
        }
        underway.add(client.lock("n" + i).acquireAsync().thenAccept(LockHandle::close));
      }
      for (CompletableFuture<?> each : underway) {
        each.get(60, TimeUnit.SECONDS);
      }
      long done = System.nanoTime();
      Await.until("no topics", Duration.ofSeconds(60), () -> topics("public/many") == 0);
      System.out.printf(
          "[fault] pulsar %,d names used once in %,d ms: no topic is left %,d ms later%n",
          NAMES, (done - since) / 1_000_000, (System.nanoTime() - done) / 1_000_000);
    }
  }

  @Test
  void oneNameUsedOften_keepsNoBacklog() throws Exception {
    try (LockClient client = client("public/default")) {
      for (int i = 0; i < 500; i++) {
        client.lock("often").acquire(LONG).close();
      }
      Matcher backlog =
          Pattern.compile("\"msgBacklog\" *: *(\\d+)")
              .matcher(admin().get("persistent/public/default/lock-often/stats"));
      assertThat(backlog.find()).isTrue();
      long kept = Long.parseLong(backlog.group(1));
      System.out.printf("[fault] pulsar 1,000 records of one name: %d are kept%n", kept);
      assertThat(kept).isLessThan(300);
    }
  }
}
