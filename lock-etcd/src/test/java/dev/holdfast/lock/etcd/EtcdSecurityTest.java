package dev.holdfast.lock.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockBackendException;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import dev.holdfast.lock.testkit.server.EtcdServer;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users and roles, TLS, servers that are down, and one that is full. */
class EtcdSecurityTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static LockClientOptions options(Duration lease) {
    return LockClientOptions.builder().lease(lease).operationTimeout(Duration.ofSeconds(3)).build();
  }

  private static LockClientOptions options() {
    return options(Duration.ofSeconds(6));
  }

  private static String uri(EtcdServer server, String login, String prefix) {
    return "etcd://" + login + server.host() + ":" + server.port() + "/" + prefix;
  }

  /** Holds for so long; a loss fails the test. */
  private static void keeps(LockHandle handle, Duration time) {
    AtomicInteger losses = new AtomicInteger();
    handle.onLost(loss -> losses.incrementAndGet());
    long since = System.nanoTime();
    Await.until("a hold", LONG, () -> System.nanoTime() - since > time.toNanos());
    assertThat(handle.isHeld()).isTrue();
    assertThat(losses).hasValue(0);
  }

  /** A server that asks for passwords, and whose tokens live for a second after their last use. */
  private static EtcdServer secured() throws Exception {
    EtcdServer server = EtcdServer.options().flag("auth-token-ttl", "1").launch();
    EtcdCtl.run(server, "user", "add", "root:root-secret");
    EtcdCtl.run(server, "user", "grant-role", "root", "root");
    EtcdCtl.run(server, "role", "add", "locks");
    EtcdCtl.run(
        server, "role", "grant-permission", "--prefix=true", "locks", "readwrite", "secured/");
    EtcdCtl.run(server, "user", "add", "app:one");
    EtcdCtl.run(server, "user", "grant-role", "app", "locks");
    EtcdCtl.run(server, "auth", "enable");
    return server;
  }

  @Test
  void usersAndRoles() throws Exception {
    try (EtcdServer server = secured()) {
      try (LockClient a = LockClient.connect(uri(server, "app:one@", "secured"), options());
          LockClient b = LockClient.connect(uri(server, "app:one@", "secured"), options())) {
        LockHandle held = a.lock("n").acquire();
        var waits = b.lock("n").acquireAsync();
        assertThat(b.lock("n").holder()).isPresent();
        keeps(held, Duration.ofSeconds(3)); // over two renewals, each with a token that has expired
        held.close();
        waits.get(5, TimeUnit.SECONDS).close();
      }
      refused(uri(server, "app:one@", "elsewhere"), "grant-permission");
      refused(uri(server, "app:wrong@", "secured"), "password");
      refused(uri(server, "", "secured"), "user");
    }
  }

  private static void refused(String uri, String what) {
    try (LockClient client = LockClient.connect(uri, options())) {
      assertThatThrownBy(() -> client.lock("n").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("'n'")
          .hasMessageContaining(what);
    }
  }

  /** The password is asked anew, as the server throws out all tokens of the old one. */
  @Test
  void passwordChangedWhileHolding_losesNothing() throws Exception {
    try (EtcdServer server = secured()) {
      AtomicReference<String> password = new AtomicReference<>("one");
      EtcdLockOptions login = EtcdLockOptions.builder().login("app", password::get).build();
      try (LockClient a =
          LockClient.over(EtcdLocks.at(uri(server, "", "secured"), login), options())) {
        LockHandle held = a.lock("n").acquire();
        passwd(server, "app", "two");
        password.set("two");
        keeps(held, Duration.ofSeconds(7));
        a.lock("another").acquire(LONG).close();
        held.close();
      }
    }
  }

  private static void passwd(EtcdServer server, String user, String password) throws Exception {
    Process tool =
        EtcdCtl.start(
            server, "--user=root:root-secret", "user", "passwd", user, "--interactive=false");
    tool.getOutputStream().write((password + "\n").getBytes(StandardCharsets.UTF_8));
    tool.getOutputStream().close();
    String printed = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tool.waitFor()).as(printed).isZero();
  }

  /** H-32: who may not write any more is told before its lease ends. */
  @Test
  void userDeletedWhileHolding_isToldInTime() throws Exception {
    try (EtcdServer server = secured();
        LockClient a = LockClient.connect(uri(server, "app:one@", "secured"), options())) {
      LockHandle held = a.lock("n").acquire();
      EtcdCtl.run(server, "--user=root:root-secret", "user", "delete", "app");
      Await.until("the loss", Duration.ofSeconds(7), () -> !held.isHeld());
    }
  }

  /** H-32: a full etcd takes no claims, keeps leases alive, and lets locks go. */
  @Test
  void fullServer_refusesClaims_andAllowsReleases() throws Exception {
    try (EtcdServer server = EtcdServer.options().flag("quota-backend-bytes", "16777216").launch();
        LockClient a = LockClient.connect(uri(server, "", "full"), options());
        LockClient b = LockClient.connect(uri(server, "", "full"), options())) {
      LockHandle held = a.lock("n").acquire();
      LockHandle kept = a.lock("kept").acquire();
      fill(server);
      for (LockClient client : List.of(a, b)) {
        assertThatThrownBy(() -> client.lock("more").acquire(LONG))
            .isInstanceOfSatisfying(
                LockBackendException.class,
                failure -> {
                  assertThat(failure.isRetryable()).isFalse();
                  assertThat(failure).hasMessageContaining("NOSPACE");
                });
      }
      keeps(kept, Duration.ofSeconds(6));
      held.close();
      assertThat(EtcdCtl.run(server, "get", "--prefix", "full/n/")).isBlank();
      EtcdCtl.run(server, "del", "--prefix", "filler");
      String revision =
          EtcdCtl.run(server, "endpoint", "status", "--write-out=json")
              .replaceAll("(?s).*\"revision\":(\\d+).*", "$1");
      EtcdCtl.run(server, "compact", "--physical", revision);
      EtcdCtl.run(server, "defrag");
      EtcdCtl.run(server, "alarm", "disarm");
      b.lock("n").acquire(LONG).close();
      assertThat(kept.isHeld()).isTrue();
      kept.close();
    }
  }

  private void fill(EtcdServer server) throws Exception {
    Path big = Files.writeString(folder.resolve("big"), "x".repeat(1_000_000));
    for (int i = 0; i < 60; i++) {
      ProcessBuilder put =
          new ProcessBuilder("etcdctl", "--endpoints=" + server.endpoint(), "put", "filler" + i)
              .redirectErrorStream(true)
              .redirectInput(big.toFile());
      put.environment().put("ETCDCTL_API", "3");
      Process tool = put.start();
      String printed = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (tool.waitFor() != 0) {
        assertThat(printed).contains("space exceeded");
        return;
      }
    }
    throw new AssertionError("etcd took all of it");
  }

  /** One address where nobody listens costs nothing, wherever it stands. */
  @Test
  void serverThatIsDown_isPassedOver() throws Exception {
    int dead = FreePorts.next();
    EtcdServer server = Servers.alone();
    for (String hosts :
        List.of(
            "127.0.0.1:" + dead + ",127.0.0.1:" + server.port(),
            "127.0.0.1:" + server.port() + ",127.0.0.1:" + dead)) {
      try (LockClient a = LockClient.connect("etcd://" + hosts + "/down", options())) {
        long start = System.nanoTime();
        LockHandle held = a.lock("n").acquire(LONG);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
            .isLessThan(Await.scaled(Duration.ofSeconds(3)));
        keeps(held, Duration.ofSeconds(3));
        held.close();
      }
    }
  }

  @TempDir private Path folder;

  private void openssl(String arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments.split(" ", -1)));
    File log = folder.resolve("openssl.log").toFile();
    Process tool =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start();
    assertThat(tool.waitFor()).as(Files.readString(log.toPath())).isZero();
  }

  private void certificate(String name, String extensions) throws Exception {
    Files.writeString(folder.resolve(name + ".ext"), extensions);
    openssl(
        "req -newkey rsa:2048 -nodes -keyout "
            + name
            + ".key -out "
            + name
            + ".csr -subj /CN="
            + name);
    openssl(
        "x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out %s.pem -extfile %s.ext"
            .formatted(name, name, name));
  }

  @Test
  void tls_withCertificatesOnBothSides() throws Exception {
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca");
    certificate("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n");
    certificate("client", "extendedKeyUsage=clientAuth\n");
    try (EtcdServer server =
        EtcdServer.options()
            .flag("cert-file", file("server.pem"))
            .flag("key-file", file("server.key"))
            .flag("trusted-ca-file", file("ca.pem"))
            .flag("client-cert-auth", "true")
            .launch()) {
      String uri = uri(server, "", "tls").replace("etcd://", "etcds://");
      EtcdLockOptions.Tls both =
          new EtcdLockOptions.Tls(
              Optional.of(folder.resolve("ca.pem")),
              Optional.of(folder.resolve("client.pem")),
              Optional.of(folder.resolve("client.key")),
              Optional.empty());
      EtcdLockOptions options = EtcdLockOptions.builder().tls(both).build();
      try (LockClient a = LockClient.over(EtcdLocks.at(uri, options), options());
          LockClient b = LockClient.over(EtcdLocks.at(uri, options), options())) {
        LockHandle held = a.lock("n").acquire(LONG);
        var waits = b.lock("n").acquireAsync();
        keeps(held, Duration.ofSeconds(3));
        held.close();
        waits.get(5, TimeUnit.SECONDS).close();
      }
      EtcdLockOptions trustsOthers =
          EtcdLockOptions.builder().tls(EtcdLockOptions.Tls.ofJvm()).build();
      for (EtcdLockOptions wrong : List.of(trustsOthers, EtcdLockOptions.defaults())) {
        String to = wrong.tls().isPresent() ? uri : uri.replace("etcds", "etcd");
        try (LockClient c = LockClient.over(EtcdLocks.at(to, wrong), options())) {
          assertThatThrownBy(() -> c.lock("n").acquire(Duration.ofSeconds(2)))
              .isInstanceOf(LockBackendException.class);
        }
      }
    }
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}
