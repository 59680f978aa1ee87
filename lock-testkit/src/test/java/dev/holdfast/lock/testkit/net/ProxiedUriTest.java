package dev.holdfast.lock.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiedUriTest {

  @ParameterizedTest
  @CsvSource({
    "redis://localhost, localhost, 6379",
    "redis://user:secret@10.0.0.1:7000/2, 10.0.0.1, 7000",
    "etcd://localhost/prefix, localhost, 2379",
    "zookeeper://zk.example:2182/chroot, zk.example, 2182",
    "jdbc:postgresql://db/app?user=a&password=b, db, 5432",
    "jdbc:mariadb://127.0.0.1:3307/test?user=root, 127.0.0.1, 3307",
    "jdbc:h2:tcp://127.0.0.1:9999/test;WRITE_DELAY=0;USER=sa, 127.0.0.1, 9999",
    "strange:jdbc:h2:tcp://127.0.0.1:9999/test, 127.0.0.1, 9999",
    "my-store://host:1234, host, 1234",
  })
  void oneHost_isFound(String uri, String host, int port) {
    ProxiedUri parts = ProxiedUri.of(uri).orElseThrow();
    assertThat(parts.target()).isEqualTo(new InetSocketAddress(host, port));
    String rest = parts.head() + "<" + parts.tail();
    assertThat(rest.replaceFirst("<", host + ":" + port)).isIn(uri, withPort(uri, host, port));
  }

  private static String withPort(String uri, String host, int port) {
    return uri.replace("//" + host, "//" + host + ":" + port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://a:1,b:2",
        "rediss://host:1",
        "etcd://a:1,b:1/p",
        "zookeeper://a,b/chroot",
        "my-store://host",
        "jdbc:postgresql://db/app?sslmode=require",
        "jdbc:h2:mem:test",
        "memory:",
        "no uri"
      })
  void whatAProxyCannotStandFor_isLeftAlone(String uri) {
    assertThat(ProxiedUri.of(uri)).isEmpty();
  }

  @Test
  void via_keepsEverythingElse() {
    var target = InetSocketAddress.createUnresolved("db", 5432);
    ProxiedUri uri = new ProxiedUri("jdbc:postgresql://", target, "/app?user=a");
    try (FaultProxy proxy =
        FaultProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))) {
      assertThat(uri.via(proxy))
          .isEqualTo("jdbc:postgresql://127.0.0.1:" + proxy.port() + "/app?user=a");
    }
  }
}
