package dev.holdfast.lock.redis;

import dev.holdfast.lock.testkit.server.RedisCluster;
import dev.holdfast.lock.testkit.server.RedisSentinels;
import dev.holdfast.lock.testkit.server.RedisServer;
import java.time.Duration;

/** One server of each kind for all tests of this JVM that leave it alone; ended with the JVM. */
final class TestServers {

  /** No test of these wants a master replaced; one that is busy or restarted is not to be. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private TestServers() {}

  private static final class Standalone {
    static final RedisServer SERVER = RedisServer.launch();
  }

  private static final class Sentinels {
    static final RedisSentinels SERVERS = RedisSentinels.launch(SILENCE);
  }

  private static final class Cluster {
    static final RedisCluster NODES = RedisCluster.launch(SILENCE);
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
