package dev.holdfast.lock.testkit.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FencedRegisterTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Test
  void write_olderToken_isRejectedAndCounted() {
    FencedRegister register = new FencedRegister();
    assertThat(register.write(5, "a")).isTrue();
    assertThat(register.write(5, "b")).isTrue();
    assertThat(register.write(4, "c")).isFalse();
    assertThat(register.write(6, "d")).isTrue();
    assertThat(register.snapshot()).isEqualTo(new FencedRegister.State(6, "d", 3, 1));
  }

  @Test
  void shared_twoClients_seeOneRegister() throws IOException {
    try (FencedRegisterServer server = FencedRegisterServer.start();
        FencedRegisterClient old = FencedRegisterClient.connect(server.address(), LIMIT);
        FencedRegisterClient young = FencedRegisterClient.connect(server.address(), LIMIT)) {
      assertThat(old.write(1, "first")).isTrue();
      assertThat(young.write(2, "zweiter Text ü")).isTrue();
      assertThat(old.write(1, "late")).isFalse();
      assertThat(server.register().value()).isEqualTo("zweiter Text ü");
      assertThat(server.register().accepted()).isEqualTo(2);
      assertThat(server.register().rejected()).isEqualTo(1);
    }
  }

  @Test
  void close_server_endsConnectionsAndThreads() throws IOException {
    FencedRegisterServer server = FencedRegisterServer.start();
    try (FencedRegisterClient client = FencedRegisterClient.connect(server.address(), LIMIT)) {
      assertThat(client.write(1, "")).isTrue();
      server.close();
      server.close();
      assertThatThrownBy(() -> client.write(2, "")).isInstanceOf(IOException.class);
    }
    Await.until(
        "the register's threads to end",
        LIMIT,
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("holdfast-register")));
  }
}
