package dev.holdfast.lock.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.server.RedisServer;
import io.lettuce.core.RedisClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may come in: passwords, rights, TLS, and clients that the application lends. */
class AccessTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private final Clients clients = new Clients();

  @AfterEach
  void close() {
    clients.close();
  }

  /** Everything that a client does: holds, waits, is handed a lock, renews, looks. */
  private void exercise(String uri) throws Exception {
    LockClient a = clients.at(uri);
    LockClient b = clients.at(uri);
    LockHandle held = a.lock("app:access").acquire(LONG);
    CompletableFuture<LockHandle> waiter = b.lock("app:access").acquireAsync();
    Duration most = Clients.LEASE.multipliedBy(3).dividedBy(4);
    Await.until("a later renewal", LONG, () -> held.remaining().compareTo(most) < 0);
    Await.until("a renewal", LONG, () -> held.remaining().compareTo(most) > 0);
    assertThat(a.lock("app:access").holder()).isPresent();
    held.close();
    LockHandle next = waiter.get(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(next.isHeld()).isTrue();
    next.close();
  }

  /** The least rights that the documentation names are enough, and really the only ones. */
  @Test
  void aclUser_withTheLeastRights_canLock() throws Exception {
    try (RedisServer server = RedisServer.launch()) {
      String rights = Failures.COMMANDS + " ~app:* ~holdfast:* &holdfast:*";
      assertThat(server.cli(words("ACL SETUSER locker on >secret resetchannels -@all " + rights)))
          .isEqualTo("OK");
      exercise("redis://locker:secret@127.0.0.1:" + server.port());
    }
  }

  /** H-93: a right that is missing is named, at once, with what to grant. */
  @Test
  void aclUser_withoutARight_isToldWhich() {
    try (RedisServer server = RedisServer.launch()) {
      for (String missing : List.of("-evalsha", "-publish -subscribe", "-info", "-pexpire -set")) {
        server.cli(words("ACL SETUSER locker reset on >secret ~* &* +@all " + missing));
        LockClient client = clients.at("redis://locker:secret@127.0.0.1:" + server.port());
        assertThatThrownBy(() -> client.lock("app:access").acquire(LONG))
            .as(missing)
            .isInstanceOf(LockConfigurationException.class)
            .hasMessageContaining("+evalsha")
            .hasMessageNotContaining("secret");
      }
    }
  }

  private static String[] words(String line) {
    return line.split(" ", -1);
  }

  /** A password, right, wrong and missing; never repeated in a message. */
  @Test
  void password_isUsedAndNeverShown() throws Exception {
    try (RedisServer server = RedisServer.options().password("right-one").launch()) {
      exercise("redis://:right-one@127.0.0.1:" + server.port());
      for (String login : List.of(":wrong-one@", "wrong-one@", "")) {
        LockClient client = clients.at("redis://" + login + "127.0.0.1:" + server.port());
        assertThatThrownBy(() -> client.lock("app:access").acquire(LONG))
            .isInstanceOf(LockConfigurationException.class)
            .hasMessageContaining("password")
            .hasMessageNotContaining("wrong-one");
      }
    }
  }

  /** {@code rediss://}, with a certificate that is checked or, on demand, not. */
  @Test
  void tls_isSpoken(@TempDir Path folder) throws Exception {
    Path key = folder.resolve("key.pem");
    Path certificate = folder.resolve("certificate.pem");
    Process openssl =
        new ProcessBuilder(
                words(
                    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "
                        + key
                        + " -out "
                        + certificate))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(openssl.waitFor()).as(Files.readString(folder.resolve("openssl.log"))).isZero();
    try (RedisServer server = RedisServer.options().tls(certificate, key, certificate).launch()) {
      String address = "127.0.0.1:" + server.port();
      exercise("rediss://" + address + "?verifyPeer=NONE");
      LockClient strict = clients.at("rediss://" + address);
      assertThatThrownBy(() -> strict.lock("app:access").tryAcquire())
          .hasMessageContaining("rediss://" + address);
    }
  }

  /** A client that the application lends is used and left open. */
  @Test
  void lentClient_staysOpen() throws Exception {
    RedisServer server = TestServers.standalone();
    RedisClient lent = RedisClient.create(server.uri());
    try (var own = lent.connect()) {
      LockClient a = clients.over(RedisLocks.over(lent), Clients.options());
      LockClient b = clients.over(RedisLocks.over(lent), Clients.options());
      LockHandle held = a.lock("lent").acquire(LONG);
      CompletableFuture<LockHandle> waiter = b.lock("lent").acquireAsync();
      held.close();
      waiter.get(LONG.toSeconds(), TimeUnit.SECONDS).close();
      a.close();
      b.close();
      assertThat(own.sync().ping()).isEqualTo("PONG");
      try (Admin admin = Admin.of(server.uri())) {
        Await.until("our connections to end", LONG, () -> admin.channels() == 0);
      }
    } finally {
      lent.shutdown();
    }
  }

  /** One without an address is refused with what to do. */
  @Test
  void lentClient_withoutAUri_isRefused() {
    RedisClient lent = RedisClient.create();
    try {
      LockClient client = clients.over(RedisLocks.over(lent), Clients.options());
      assertThatThrownBy(() -> client.lock("lent").tryAcquire())
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("RedisClient.create(uri)");
    } finally {
      lent.shutdown();
    }
  }
}
