package dev.holdfast.lock.testkit.memory;

import dev.holdfast.lock.testkit.VirtualTime;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * One client's line to the store: messages are lost, late, overtaken and duplicated, as chance has
 * it, until the line is healed.
 */
final class SimulatedNetwork {

  /** How bad the line is. Probabilities, and nanoseconds. */
  record Weather(double loss, double duplication, long delay, double straggling, long straggler) {
    static final Weather CALM = new Weather(0, 0, 2_000_000, 0, 0);

    static Weather random(RandomGenerator random, long lease) {
      double[] often = {0, 0.01, 0.1, 0.3};
      return new Weather(
          often[random.nextInt(4)],
          often[random.nextInt(3)],
          1_000_000L << random.nextInt(8),
          often[random.nextInt(3)],
          lease * 2);
    }
  }

  private final ScheduledExecutorService wire;
  private final SimulatedProcess client;
  private final RandomGenerator random;
  Weather weather;
  boolean cut;

  SimulatedNetwork(
      VirtualTime time, SimulatedProcess client, RandomGenerator random, Weather weather) {
    this.wire = time.environment().timer();
    this.client = client;
    this.random = random;
    this.weather = weather;
  }

  void toStore(Runnable request) {
    send(request);
  }

  void toClient(Runnable answer) {
    send(() -> client.deliver(answer));
  }

  private void send(Runnable message) {
    if (cut || random.nextDouble() < weather.loss) {
      return;
    }
    deliver(message);
    if (random.nextDouble() < weather.duplication) {
      deliver(message);
    }
  }

  private void deliver(Runnable message) {
    boolean straggles = random.nextDouble() < weather.straggling;
    long delay = random.nextLong(1 + (straggles ? weather.straggler : weather.delay));
    var unused = wire.schedule(message, delay, TimeUnit.NANOSECONDS);
  }
}
