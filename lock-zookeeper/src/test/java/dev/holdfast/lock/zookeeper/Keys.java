package dev.holdfast.lock.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Key pairs and certificates, by the JDK's keytool. */
final class Keys {

  static final String PASSWORD = "holdfast-secret";

  private Keys() {}

  static void pair(Path store, String name, String alias) throws Exception {
    keytool(
        store,
        "-genkeypair",
        "-alias",
        alias,
        "-keyalg",
        "EC",
        "-dname",
        name,
        "-ext",
        "san=dns:localhost,ip:127.0.0.1");
  }

  /** A store that holds the certificate alone. */
  static void trust(Path pair, String alias, Path store) throws Exception {
    String file = store + ".pem";
    keytool(pair, "-exportcert", "-rfc", "-alias", alias, "-file", file);
    keytool(store, "-importcert", "-noprompt", "-alias", alias, "-file", file);
  }

  private static void keytool(Path store, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
