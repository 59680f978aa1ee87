package dev.holdfast.lock.pulsar;

import dev.holdfast.lock.testkit.net.FaultProxy;
import dev.holdfast.lock.testkit.server.PulsarServer;

/** A broker that tests disturb and leave running; it ends with this JVM. */
final class FaultBroker {

  static final PulsarServer SERVER = PulsarServer.options().proxies(1).launchOwn();

  private FaultBroker() {}

  /** For clients that nothing is to happen to on their way. */
  static String direct() {
    return SERVER.serviceUrl() + "/public/default";
  }

  /** For clients whose way is disturbed. */
  static String proxied() {
    return "pulsar://127.0.0.1:" + proxy().port() + "/public/default";
  }

  static FaultProxy proxy() {
    return SERVER.proxies().get(0);
  }

  /** Has the broker close the topic of a lock, and with it all that clients have there. */
  static void unload(String lock) {
    SERVER.admin().put("persistent/public/default/lock-" + lock + "/unload", "");
  }
}
