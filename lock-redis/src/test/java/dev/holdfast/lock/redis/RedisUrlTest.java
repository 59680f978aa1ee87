package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockConfigurationException;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a URI means. */
class RedisUrlTest {

  private static RedisUrl parse(String uri) {
    return RedisUrl.parse(uri, RedisLockOptions.defaults());
  }

  /** Ours are taken out, wherever they stand; Lettuce's stay. */
  @Test
  void parameters_ofOurs_areTakenOut() {
    RedisUrl url =
        parse("redis://u:p@h:1/2?holdfast.maxLease=PT30S&timeout=7s&holdfast.minReplicas=1");
    assertThat(url.options().maxLease()).contains(Duration.ofSeconds(30));
    assertThat(url.options().minReplicas()).isEqualTo(1);
    RedisURI address = url.addresses().get(0);
    assertThat(address.getTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(address.getDatabase()).isEqualTo(2);
    assertThat(url.shown()).contains("h:1").doesNotContain("p@");
  }

  /** One server, Sentinels, a cluster. */
  @Test
  void schemes_leadToTheirTopology() {
    assertThat(parse("redis://h").isCluster()).isFalse();
    assertThat(parse("redis://h?holdfast.cluster=true").isCluster()).isTrue();
    RedisUrl cluster = parse("rediss://:p@h1:1,h2:2");
    assertThat(cluster.isCluster()).isTrue();
    assertThat(cluster.addresses()).hasSize(2).allMatch(RedisURI::isSsl);
    RedisUrl sentinels = parse("redis-sentinel://h1:1,h2:2/0?holdfast.maxLease=PT9S#master");
    assertThat(sentinels.isCluster()).isFalse();
    assertThat(sentinels.addresses().get(0).getSentinelMasterId()).isEqualTo("master");
    assertThat(sentinels.addresses().get(0).getSentinels()).hasSize(2);
  }

  /** P4: what cannot be meant is refused, with what is known and without the password. */
  @Test
  void uri_thatCannotBeMeant_isRefused() {
    for (String bad :
        new String[] {
          "redis://:topsecret@h?holdfast.maxLease=soon",
          "redis://:topsecret@h?holdfast.maxLease=PT0.1S",
          "redis://:topsecret@h?holdfast.minReplicas=-1",
          "redis://:topsecret@h?holdfast.cluster=maybe",
          "redis://:topsecret@h?holdfast.unknown=1",
          "redis://:topsecret@h,h2?holdfast.minReplicas=1",
          "redis://:topsecret@h:port",
          "redis-sentinel://:topsecret@h"
        }) {
      assertThatThrownBy(() -> parse(bad))
          .as(bad)
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageNotContaining("topsecret")
          .hasMessageContaining("redis");
    }
  }
}
