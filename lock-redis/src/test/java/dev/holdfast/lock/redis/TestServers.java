package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.server.RedisCluster;
import dev.holdfast.lock.testkit.server.RedisSentinels;
import dev.holdfast.lock.testkit.server.RedisServer;

/** One server of each kind for all tests of this JVM that leave it alone; ended with the JVM. */
final class TestServers {

  private TestServers() {}

  private static final class Standalone {
    static final RedisServer SERVER = RedisServer.launch();
  }

  private static final class Sentinels {
    static final RedisSentinels SERVERS = RedisSentinels.launch();
  }

  private static final class Cluster {
    static final RedisCluster NODES = RedisCluster.launch();
  }

  static RedisSentinels sentinels() {
    return Sentinels.SERVERS;
  }

  static RedisCluster cluster() {
    return Cluster.NODES;
  }

  static RedisServer standalone() {
    return Standalone.SERVER;
  }
}
