package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PulsarServer;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.Schema;

/** A Pulsar for the contract, in a namespace that nobody else uses. */
class PulsarFixture implements LockFixture {

  private static final String NAMESPACE = "public/default";

  /** Tests with more locks than this write no notes, and it would take long to look. */
  private static final int MANY = 20;

  private static final Pattern TOPIC =
      Pattern.compile("topic=\"(persistent://" + NAMESPACE + "/lock-[^\"]*)\"");

  private static final PulsarLockOptions OPTIONS =
      PulsarLockOptions.builder().namespace(NAMESPACE).build();

  private final PulsarServer server;
  private final PulsarClient operator;
  private final Map<String, Double> published = new ConcurrentHashMap<>();
  private final Set<String> noted = ConcurrentHashMap.newKeySet();

  PulsarFixture(PulsarServer server) throws Exception {
    this.server = server;
    this.operator =
        PulsarClient.builder()
            .serviceUrl(server.serviceUrl())
            .ioThreads(1)
            .listenerThreads(1)
            .build();
    warmUp();
  }

  /** Loads what a first client loads: no test measures that. */
  private void warmUp() throws Exception {
    try (LockClient client = LockClient.over(connect())) {
      client.lock("warm up").run(held -> {});
    }
    deleteRecord("warm up");
  }

  @Override
  public LockBackendFactory connect() {
    return PulsarLocks.at(uri().orElseThrow());
  }

  @Override
  public Optional<String> uri() {
    return Optional.of(address() + "/" + NAMESPACE);
  }

  /** Through the proxy, where the server is our own. */
  private String address() {
    return server.proxies().stream()
        .findFirst()
        .map(proxy -> "pulsar://127.0.0.1:" + proxy.port())
        .orElse(server.serviceUrl());
  }

  /** By a thread that its own deed may interrupt: none of these waits can be. */
  @Override
  public void deleteRecord(String name) {
    Producer<String> producer =
        operator
            .newProducer(Schema.STRING)
            .topic(Topics.topicOf(OPTIONS, name))
            .createAsync()
            .join();
    producer.sendAsync("REVOKE").thenCompose(sent -> producer.closeAsync()).join();
  }

  /** The broker syncs each record to its disk, with all else that syncs there. */
  @Override
  public Duration lease() {
    return Duration.ofSeconds(3);
  }

  /**
   * The first use of a name makes a topic: some ten requests in a row, of which most end on the
   * broker's disk. That takes 40 ms, and took more than a second on a machine with a load of 11.
   */
  @Override
  public Duration patience() {
    return Duration.ofSeconds(2);
  }

  /**
   * Consumers, producers and subscriptions of locks, as far as the broker has loaded their topics.
   * Not the subscription of a lock that keeps a note, which is there to stay.
   */
  @Override
  public OptionalLong residue() {
    Map<String, Double> subscriptions = ofLocks("pulsar_subscriptions_count");
    double all =
        sum(ofLocks("pulsar_producers_count"))
            + sum(ofLocks("pulsar_consumers_count"))
            + sum(subscriptions);
    return OptionalLong.of((long) all - keepANote(subscriptions.keySet()));
  }

  private long keepANote(Set<String> topics) {
    topics.stream()
        .limit(MANY)
        .filter(topic -> !noted.contains(topic) && readsANote(topic))
        .forEach(noted::add);
    return topics.stream().filter(noted::contains).count();
  }

  /** Over HTTP: a reader would make the topic again if the broker has deleted it meanwhile. */
  private boolean readsANote(String topic) {
    String path =
        "persistent/%s/%s/examinemessage?initialPosition=latest&messagePosition=1"
            .formatted(
                NAMESPACE,
                URLEncoder.encode(
                    topic.substring(topic.indexOf("/lock-") + 1), StandardCharsets.UTF_8));
    LogRecord last;
    try {
      last = LogRecord.parse(server.admin().get(path).getBytes(StandardCharsets.UTF_8));
    } catch (UncheckedIOException e) {
      return false; // no message in it, or deleted
    }
    LockState state =
        last.snapshot().map(text -> LockState.read(text, 0)).orElseGet(LockState::empty);
    state.apply(last, Position.START, 0);
    return !state.note().isEmpty();
  }

  /** Messages that were published; a topic that is deleted takes its counter along. */
  @Override
  public OptionalLong operations() {
    lines("pulsar_in_messages_total")
        .forEach((topic, count) -> published.merge(topic, count, Math::max));
    return OptionalLong.of((long) published.values().stream().mapToDouble(count -> count).sum());
  }

  private static double sum(Map<String, Double> values) {
    return values.values().stream().mapToDouble(value -> value).sum();
  }

  /** The values of a metric above zero, by the topics of locks. */
  private Map<String, Double> ofLocks(String metric) {
    Map<String, Double> found = new HashMap<>();
    lines(metric)
        .forEach(
            (labels, value) -> {
              Matcher topic = TOPIC.matcher(labels);
              if (value > 0 && topic.find()) {
                found.merge(topic.group(1), value, Double::sum);
              }
            });
    return found;
  }

  /** The values of a metric, by what stands before them. */
  private Map<String, Double> lines(String metric) {
    Pattern line = Pattern.compile("(?m)^(" + metric + "(?:\\{[^}]*\\})?) ([-+.0-9eE]+)");
    return line.matcher(server.admin().metrics())
        .results()
        .collect(
            Collectors.toMap(
                match -> match.group(1), match -> Double.parseDouble(match.group(2)), Double::sum));
  }

  @Override
  public boolean delayReplies(Duration by) {
    for (FaultProxy proxy : server.proxies()) {
      if (by.isZero()) {
        proxy.heal();
      } else {
        proxy.delay(by, Duration.ZERO, 1, Direction.SERVER_TO_CLIENT);
      }
    }
    return !server.proxies().isEmpty();
  }

  @Override
  public boolean restartStore() {
    if (!server.isControllable()) {
      return false;
    }
    server.restart();
    return true;
  }

  @Override
  public void close() throws Exception {
    operator.closeAsync().get(10, TimeUnit.SECONDS);
  }
}
