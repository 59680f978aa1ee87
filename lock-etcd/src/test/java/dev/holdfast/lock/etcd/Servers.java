package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.server.EtcdCluster;
import dev.holdfast.lock.testkit.server.EtcdServer;

/** One of each for all tests of this JVM that leave it alone; ended with the JVM. */
final class Servers {

  private Servers() {}

  private static final class Alone {
    static final EtcdServer SERVER = EtcdServer.launch();
  }

  private static final class Three {
    static final EtcdCluster CLUSTER = EtcdCluster.launch(3, EtcdServer.options());
  }

  static EtcdServer alone() {
    return Alone.SERVER;
  }

  static EtcdCluster three() {
    return Three.CLUSTER;
  }
}
