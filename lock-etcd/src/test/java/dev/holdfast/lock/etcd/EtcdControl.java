package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.contract.OneServer;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.server.EtcdServer;
import java.time.Duration;
import java.util.Optional;

/** Power over an etcd; not over its clock, for Go asks the kernel itself for the time. */
final class EtcdControl extends OneServer {

  private EtcdControl(EtcdServer server) {
    super(
        server,
        at -> "etcd://" + at.getHostString() + ":" + at.getPort() + "/faults",
        Optional.empty());
  }

  static ServerControl of(EtcdServer server) {
    return new EtcdControl(server);
  }

  /** What gRPC waits at first before it tries again, once an attempt has failed. */
  @Override
  public Duration reconnect() {
    return Duration.ofSeconds(1);
  }
}
