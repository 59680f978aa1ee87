package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.server.PulsarServer;

/** One for all tests of this JVM that leave it alone; ended with the JVM. */
final class Servers {

  private Servers() {}

  private static final class Alone {
    static final PulsarServer SERVER =
        PulsarServer.options()
            .set("brokerDeleteInactiveTopicsFrequencySeconds", "1")
            .set("brokerDeleteInactiveTopicsMaxInactiveDurationSeconds", "1")
            .proxies(1)
            .launch();
  }

  static PulsarServer alone() {
    return Alone.SERVER;
  }
}
