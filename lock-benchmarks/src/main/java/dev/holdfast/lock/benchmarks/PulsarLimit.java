package dev.holdfast.lock.benchmarks;

import java.util.Map;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.ProducerAccessMode;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.PulsarClientException.ProducerBusyException;
import org.apache.pulsar.client.api.PulsarClientException.ProducerFencedException;

/**
 * The barest lock in Pulsar: an exclusive producer, which the broker gives to one at a time, and
 * one message whose id is the token. It renews nothing, tells nothing, survives no frozen holder
 * and waits by asking again.
 */
final class PulsarLimit implements Subject {

  private static final byte[] MESSAGE = {};

  private final PulsarClient client;

  PulsarLimit(String uri) throws PulsarClientException {
    client =
        PulsarClient.builder().loadConf(Map.of("statsIntervalSeconds", 0)).serviceUrl(uri).build();
  }

  @Override
  public Held acquire(String lock) throws Exception {
    while (true) {
      try {
        Producer<byte[]> producer =
            client
                .newProducer()
                .topic("persistent://public/default/limit-" + lock)
                .accessMode(ProducerAccessMode.Exclusive)
                .enableBatching(false)
                .create();
        producer.send(MESSAGE);
        return () -> release(producer);
      } catch (ProducerBusyException | ProducerFencedException e) {
        Polling.pause();
      }
    }
  }

  private static boolean release(Producer<byte[]> producer) throws PulsarClientException {
    boolean had = producer.isConnected();
    producer.close();
    return had;
  }

  @Override
  public void close() throws PulsarClientException {
    client.close();
  }
}
