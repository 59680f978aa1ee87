package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockConfigurationException;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EtcdUriTest {

  private static EtcdUri parse(String uri) {
    return EtcdUri.parse(uri, EtcdLockOptions.defaults());
  }

  @Test
  void hostsAndPrefix() {
    EtcdUri uri = parse("etcd://h1:2379,h2,[::1]:12379/team/locks/");
    assertThat(uri.endpoints())
        .containsExactly(
            URI.create("http://h1:2379"),
            URI.create("http://h2:2379"),
            URI.create("http://[::1]:12379"));
    assertThat(uri.options().keyPrefix()).isEqualTo("team/locks");
    assertThat(uri.options().tls()).isEmpty();
    assertThat(uri.options().user()).isEmpty();
  }

  @Test
  void withoutPrefix_thatOfTheOptions() {
    EtcdLockOptions options = EtcdLockOptions.builder().keyPrefix("own").build();
    assertThat(EtcdUri.parse("etcd://h", options).options().keyPrefix()).isEqualTo("own");
    assertThat(parse("etcd://h/").options().keyPrefix()).isEqualTo("holdfast");
  }

  @Test
  void loginAndTls() {
    EtcdUri uri = parse("ETCDS://us%40er:p%2Fa+b%3A@h/x%20y");
    assertThat(uri.endpoints()).containsExactly(URI.create("https://h:2379"));
    assertThat(uri.options().user()).contains("us@er");
    assertThat(uri.options().password().get()).isEqualTo("p/a+b:");
    assertThat(uri.options().keyPrefix()).isEqualTo("x y");
    assertThat(uri.options().tls()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "etcd:h",
        "etcd://",
        "etcd:///prefix",
        "etcd://h:port",
        "etcd://h:70000",
        "etcd://h,,i",
        "etcd://us er:secret@h h",
        "etcd://user:secret@h?x=y",
        "etcd://user:secret%zz@h",
        "etcd://h_1:2379"
      })
  void malformed_isRefusedWithoutThePassword(String uri) {
    assertThatThrownBy(() -> LockClient.connect(uri))
        .isInstanceOf(LockConfigurationException.class)
        .hasMessageContaining("cannot use")
        .hasMessageNotContaining("secret");
  }

  @Test
  void prefixWithASlashAtItsEnd_isRefused() {
    assertThatThrownBy(() -> EtcdLockOptions.builder().keyPrefix("a/").build())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
