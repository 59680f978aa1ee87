package dev.holdfast.lock.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PulsarServer;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Reader;
import org.apache.pulsar.client.api.Schema;
import org.junit.jupiter.api.Test;

/** That the broker of the tests is a real one: what it took, it still has after kill -9. */
class PulsarServerTest {

  private static final String TOPIC = "persistent://public/default/kept";

  @Test
  void keepsWhatItTookOverKillAndPause() throws IOException {
    try (PulsarServer server = PulsarServer.options().launchOwn();
        PulsarClient client = PulsarClient.builder().serviceUrl(server.serviceUrl()).build();
        Producer<String> producer = client.newProducer(Schema.STRING).topic(TOPIC).create()) {
      MessageId first = producer.send("before the kill");
      server.kill();
      assertThat(server.isRunning()).isFalse();
      server.start();
      MessageId second = producer.send("after the kill");
      assertThat(second).isGreaterThan(first);
      server.pause();
      server.resume();
      server.restart();

      try (Reader<String> reader =
          client
              .newReader(Schema.STRING)
              .topic(TOPIC)
              .startMessageId(MessageId.earliest)
              .create()) {
        assertThat(reader.readNext(20, TimeUnit.SECONDS).getValue()).isEqualTo("before the kill");
        assertThat(reader.readNext(20, TimeUnit.SECONDS).getValue()).isEqualTo("after the kill");
        assertThat(reader.hasMessageAvailable()).isFalse();
      }
      assertThat(server.admin().get("persistent/public/default")).contains(TOPIC);
      server.admin().put("persistent/public/default/kept/unload", "");
      assertThatThrownBy(() -> server.admin().get("persistent/public/default/none/stats"))
          .hasMessageContaining("404");
    }
  }

  @Test
  void aClientBehindAProxyStaysThere() throws Exception {
    try (PulsarServer server = PulsarServer.options().proxies(2).launchOwn()) {
      FaultProxy proxy = server.proxies().get(1);
      try (PulsarClient client =
              PulsarClient.builder()
                  .serviceUrl("pulsar://127.0.0.1:" + proxy.port())
                  .operationTimeout(1, TimeUnit.SECONDS)
                  .build();
          Producer<String> producer =
              client
                  .newProducer(Schema.STRING)
                  .topic(TOPIC)
                  .sendTimeout(1, TimeUnit.SECONDS)
                  .create()) {
        producer.send("through the proxy");
        proxy.blackHole();
        assertThatThrownBy(() -> producer.send("lost"))
            .isInstanceOf(PulsarClientException.TimeoutException.class);
        proxy.heal();
        assertThat(server.proxies().get(0).acceptedConnections()).isZero();
      }
    }
  }
}
