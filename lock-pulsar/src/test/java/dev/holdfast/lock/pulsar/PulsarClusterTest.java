package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.testkit.server.PulsarCluster;
import dev.holdfast.lock.testkit.server.PulsarServer;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** That two brokers are one store: what the first took, the second has when the first is killed. */
class PulsarClusterTest {

  private static final String TOPIC = "public/default/handed-over";

  private static PulsarCluster cluster;

  /** Three processes in a row: not in the time of the test, which has a limit of its own. */
  @BeforeAll
  static void start() {
    cluster = PulsarServer.options().launchCluster(2);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void anotherBrokerTakesOverTheTopicOfOneThatWasKilled() throws Exception {
    try (PulsarClient client =
        PulsarClient.builder()
            .serviceUrl(cluster.serviceUrl())
            .lookupTimeout(2, TimeUnit.SECONDS)
            .maxBackoffInterval(1, TimeUnit.SECONDS)
            .build()) {
      try (Producer<String> producer =
          client.newProducer(Schema.STRING).topic("persistent://" + TOPIC).create()) {
        MessageId before = producer.send("before");
        PulsarServer owner = cluster.owner("persistent/" + TOPIC);
        owner.kill();
        assertThat(producer.send("after")).isGreaterThan(before);
        assertThat(cluster.owner("persistent/" + TOPIC)).isNotSameAs(owner);
      }
      try (Reader<String> reader =
          client
              .newReader(Schema.STRING)
              .topic("persistent://" + TOPIC)
              .startMessageId(MessageId.earliest)
              .create()) {
        assertThat(reader.readNext(20, TimeUnit.SECONDS).getValue()).isEqualTo("before");
        assertThat(reader.readNext(20, TimeUnit.SECONDS).getValue()).isEqualTo("after");
      }
    }
  }
}
