package dev.holdfast.lock.pulsar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.net.FreePorts;
import dev.holdfast.lock.testkit.server.PulsarServer;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.pulsar.client.api.AuthenticationFactory;
import org.apache.pulsar.client.api.PulsarClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that asks for tokens, knows roles, and can be reached encrypted. */
class AccessTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final byte[] SECRET = "an example secret of 32 bytes...".getBytes(UTF_8);
  private static final int TLS_PORT = FreePorts.next();

  @TempDir private static Path folder;
  private static PulsarServer server;

  @BeforeAll
  static void start() throws Exception {
    openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=ca");
    Files.writeString(folder.resolve("server.ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
    openssl("req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server");
    openssl(
        "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
            + " -out server.pem -extfile server.ext");
    server =
        PulsarServer.options()
            .adminToken(token("admin"))
            .set("authenticationEnabled", "true")
            .set("authorizationEnabled", "true")
            .set(
                "authenticationProviders",
                "org.apache.pulsar.broker.authentication.AuthenticationProviderToken")
            .set("tokenSecretKey", "data:;base64," + Base64.getEncoder().encodeToString(SECRET))
            .set("superUserRoles", "admin")
            .set(
                "brokerClientAuthenticationPlugin",
                "org.apache.pulsar.client.impl.auth.AuthenticationToken")
            .set("brokerClientAuthenticationParameters", "token:" + token("admin"))
            .set("brokerServicePortTls", Integer.toString(TLS_PORT))
            .set("tlsCertificateFilePath", file("server.pem"))
            .set("tlsKeyFilePath", file("server.key"))
            .set("tlsTrustCertsFilePath", file("ca.pem"))
            .launchOwn();
    server.admin().post("namespaces/public/default/permissions/app", "[\"produce\",\"consume\"]");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static String file(String name) {
    return folder.resolve(name).toString();
  }

  private static void openssl(String arguments) throws Exception {
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

  /** A JSON Web Token that the broker believes. */
  private static String token(String role) throws Exception {
    String head = base64("{\"alg\":\"HS256\"}".getBytes(UTF_8));
    String body = base64(("{\"sub\":\"" + role + "\"}").getBytes(UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
    return head + "." + body + "." + base64(mac.doFinal((head + "." + body).getBytes(UTF_8)));
  }

  private static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static LockClientOptions options() {
    return LockClientOptions.builder()
        .lease(Duration.ofSeconds(3))
        .operationTimeout(Duration.ofSeconds(5))
        .build();
  }

  private static LockClient encrypted(String token, Optional<String> authorities) {
    PulsarLockOptions.Tls tls =
        new PulsarLockOptions.Tls(authorities, Optional.empty(), Optional.empty(), true);
    return LockClient.over(
        PulsarLocks.at(
            "pulsar+ssl://127.0.0.1:" + TLS_PORT,
            PulsarLockOptions.builder().token(() -> token).tls(tls).build()),
        options());
  }

  private static LockClient plain(String token) {
    return LockClient.over(
        PulsarLocks.at(server.serviceUrl(), PulsarLockOptions.builder().token(() -> token).build()),
        options());
  }

  @Test
  void tokenAndTls_ofTheUriAndOfTheApplicationsClient() throws Exception {
    try (LockClient a = encrypted(token("app"), Optional.of(file("ca.pem")));
        PulsarClient own =
            PulsarClient.builder()
                .serviceUrl(server.serviceUrl())
                .authentication(AuthenticationFactory.token(token("app")))
                .build();
        LockClient b = LockClient.over(PulsarLocks.over(own), options())) {
      LockHandle held = a.lock("n").acquire(LONG);
      var waits = b.lock("n").acquireAsync();
      Cast.pass(Duration.ofSeconds(4)); // over several renewals
      assertThat(held.isHeld()).isTrue();
      assertThat(waits).isNotDone();
      held.close();
      LockHandle next = waits.get(20, TimeUnit.SECONDS);
      assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
      next.close();
    }
  }

  @Test
  void roleWithoutPermission_isToldWhatToGrant() throws Exception {
    try (LockClient stranger = plain(token("stranger"))) {
      assertThatThrownBy(() -> stranger.lock("n").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("'n'")
          .hasMessageContaining("pulsar-admin namespaces grant-permission")
          .hasMessageContaining("public/default");
    }
  }

  @Test
  void wrongToken_isRefused() throws Exception {
    String forged = token("admin").replaceFirst("\\.[^.]*$", ".AAAA");
    try (LockClient forger = plain(forged)) {
      assertThatThrownBy(() -> forger.lock("n").acquire(LONG))
          .isInstanceOf(LockConfigurationException.class)
          .hasMessageContaining("refuses the login")
          .hasMessageNotContaining(forged);
    }
  }
}
