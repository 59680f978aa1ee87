package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.testkit.net.Direction;
import dev.holdfast.lock.testkit.net.FaultProxy;
import java.time.Duration;

/**
 * How the faults of a network are done. Whole replies are lost in silences, which end with a reset:
 * a stream from whose middle bytes are missing is nothing that TCP would deliver.
 */
final class Networks {

  private Networks() {}

  /** What takes a random number gets it from {@code random}, a number of the plan. */
  static void breakIt(FaultProxy network, FaultKind kind, long random) {
    switch (kind) {
      case SILENCE -> network.blackHole();
      case SILENT_REQUESTS -> network.blackHole(Direction.CLIENT_TO_SERVER);
      case SILENT_REPLIES -> network.blackHole(Direction.SERVER_TO_CLIENT);
      case STALL -> network.stall();
      case CUT -> network.cut();
      case RESET -> network.reset();
      case HALF_CLOSE -> network.halfClose(Direction.SERVER_TO_CLIENT);
      case DELAY -> {
        Duration base = Duration.ofMillis(5 + random % 100);
        network.delay(base, base.multipliedBy(2), random);
      }
      default -> throw new IllegalArgumentException("no fault of the network: " + kind);
    }
  }
}
