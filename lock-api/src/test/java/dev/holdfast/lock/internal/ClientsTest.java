package dev.holdfast.lock.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.LockConfigurationException;
import dev.holdfast.lock.LockOptions;
import dev.holdfast.lock.spi.BackendFailure;
import dev.holdfast.lock.spi.LockCapabilities;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ClientsTest {

  @Test
  void connect_unknownScheme_namesWhatWasFoundAndWhatToAdd() {
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(() -> LockClient.connect("redis://:secret@host:6379").close())
        .withMessage(
            "no lock backend serves 'redis://:***@host:6379' (scheme 'redis'); found on the class"
                + " path: none; add dev.holdfast:lock-redis to the class path")
        .matches(e -> e.lockName().isEmpty());
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(() -> LockClient.connect("consul://host").close())
        .withMessageContaining("use one of these, or add the artifact that serves it");
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(() -> LockClient.connect("localhost:6379").close())
        .withMessageContaining("(scheme 'localhost')");
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(() -> LockClient.connect("").close())
        .matches(e -> e.backend().equals("unknown"));
  }

  @Test
  void over_backendRefusesItsSetUp_isAConfigurationException() {
    assertThatExceptionOfType(LockConfigurationException.class)
        .isThrownBy(
            () ->
                LockClient.over(
                        context -> {
                          throw BackendFailure.misconfigured("create table lock", null);
                        })
                    .close())
        .withMessage("create table lock");
  }

  /**
   * Options that cannot work are refused when the client is made, and what was opened is closed.
   */
  @Test
  void over_optionsThatCannotWork_areRefusedAndTheBackendIsClosed() {
    AtomicReference<FakeBackend> backend = new AtomicReference<>();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                LockClient.over(
                        context -> {
                          backend.set(
                              new FakeBackend(
                                  new FakeStore(System::nanoTime),
                                  context,
                                  LockCapabilities.of("fake"),
                                  new VirtualTime(0)));
                          return backend.get();
                        },
                        LockClientOptions.builder().lease(Duration.ofMillis(10)).build())
                    .close())
        .withMessageContaining("lease (PT0.01S) must be from PT0.5S to PT24H on fake");
    assertThat(backend.get().calls).containsExactly("close");
  }

  @Test
  void lock_optionsOfItsOwn_areCheckedWhenItIsMade() {
    World world = World.polled();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> world.lock("a", LockOptions.builder().renewEvery(Duration.ofSeconds(6)).build()))
        .withMessageContaining("at most PT4.2S");
    assertThat(world.client.capabilities().backend()).isEqualTo("fake");
  }

  @Test
  void options_oddValues_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LockOptions.builder().lease(Duration.ZERO))
        .withMessage("lease must be positive: PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LockOptions.builder().maxHold(Duration.ofDays(40_000)))
        .withMessageContaining("at most 100 years");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LockClientOptions.builder().description("x".repeat(201)))
        .withMessage("description must have 1 to 200 characters, not 201");
    // Records can be made without their builders: a period of zero would be a loop without a pause.
    Optional<Duration> none = Optional.empty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LockOptions(none, Optional.of(Duration.ZERO), none, none))
        .withMessage("renewEvery must be positive: PT0S");
    LockClientOptions good = LockClientOptions.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new LockClientOptions(
                    good.lockDefaults(),
                    good.prefix(),
                    good.description(),
                    Duration.ofSeconds(-1),
                    good.pollInterval(),
                    good.closeTimeout(),
                    good.clockJumps(),
                    good.leakDetection(),
                    good.callbackExecutor(),
                    good.observer(),
                    good.environment()))
        .withMessage("operationTimeout must be positive: PT-1S");
  }

  @Test
  void prefix_isPutBeforeEveryNameAtTheStore() {
    World world =
        World.builder(LockCapabilities.of("fake"))
            .options(options -> options.prefix("app/").description("me"))
            .build();
    Handle held = world.held("a");
    assertThat(held.lockName()).isEqualTo("a");
    assertThat(world.claimOf(held).name()).isEqualTo("app/a");
    assertThat(world.claimOf(held).description()).isEqualTo("me");
    assertThat(held.toString()).contains("lock 'a'", "fencing token 1");
  }

  @Test
  void description_default_isHostAndPid() {
    World world = World.polled();
    assertThat(world.claimOf(world.held("a")).description())
        .matches(".+/" + ProcessHandle.current().pid())
        .hasSizeLessThan(180);
  }

  /** Two clients of one JVM are two competitors. */
  @Test
  void over_twoClients_compete() throws Exception {
    World world = World.polled();
    World other = World.builder(LockCapabilities.of("fake")).beside(world).build();
    Handle held = world.held("a");
    assertThat(other.lock("a").tryAcquire()).isEmpty();
    held.close();
    assertThat(other.lock("a").tryAcquire()).isPresent();
    other.client.close();
    assertThatIllegalStateException().isThrownBy(() -> other.lock("b").tryAcquire());
    assertThat(world.held("a").isHeld()).isTrue();
  }
}
