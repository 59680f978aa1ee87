package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockConfigurationException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.junit.jupiter.api.Test;

class ZooKeeperUriTest {

  private static ZooKeeperUri parse(String uri) {
    return ZooKeeperUri.parse(uri, ZooKeeperLockOptions.defaults());
  }

  @Test
  void servers_haveTheirPort_orTheUsualOne() {
    assertThat(parse("zookeeper://h1,h2:2182,[::1]:2183,[::1]").servers())
        .isEqualTo("h1:2181,h2:2182,[::1]:2183,[::1]:2181");
  }

  @Test
  void chroot_isAPath_orNothing() {
    assertThat(parse("zookeeper://h").chroot()).isEmpty();
    assertThat(parse("zookeeper://h/").chroot()).isEmpty();
    assertThat(parse("zookeeper://h/a/b").chroot()).isEqualTo("/a/b");
    assertThat(parse("zookeeper://h/a/b/").chroot()).isEqualTo("/a/b");
    assertThat(parse("zookeeper://h/a%20b?root=/x").chroot()).isEqualTo("/a b");
  }

  @Test
  void userAndPassword_areForTheDigestScheme() {
    ZooKeeperLockOptions options = parse("zookeeper://u:p%40%2F+@h").options();
    assertThat(options.digest()).contains("u:p@/+");
    assertThat(options.effectiveAcl()).isEqualTo(Ids.CREATOR_ALL_ACL);
    assertThat(options.toString()).doesNotContain("p@");
    assertThat(parse("zookeeper://h").options().effectiveAcl()).isEqualTo(Ids.OPEN_ACL_UNSAFE);
  }

  @Test
  void parameters_areTakenAsOptions() {
    ZooKeeperLockOptions options =
        parse("ZooKeeper://h?root=/locks/x&tls=true&trustStore=/t.p12&trustStorePassword=secret")
            .options();
    assertThat(options.root()).isEqualTo("/locks/x");
    assertThat(options.clientProperties())
        .containsEntry("zookeeper.client.secure", "true")
        .containsEntry("zookeeper.ssl.trustStore.location", "/t.p12")
        .containsEntry("zookeeper.ssl.trustStore.password", "secret");
    assertThat(options.toString()).doesNotContain("secret");
  }

  @Test
  void malformed_isRefused_withoutThePassword() {
    for (String uri :
        new String[] {
          "zookeeper://",
          "zookeeper:h",
          "zookeeper://u:secret@h,,i",
          "zookeeper://u:secret@h:port",
          "zookeeper://u:secret@h?colour=red",
          "zookeeper://u:secret@h?tls=perhaps",
          "zookeeper://u:secret@h?root=relative",
          "zookeeper://u:secret@h?root=/",
          "zookeeper://nocolon@h",
          "zookeeper://u:secret@h/a//b"
        }) {
      assertThatThrownBy(() -> parse(uri))
          .as(uri)
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("cannot use")
          .hasMessageNotContaining("secret");
    }
  }
}
