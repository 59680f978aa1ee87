package dev.holdfast.lock.testkit.broken;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockClientOptions;
import dev.holdfast.lock.spi.LockBackendFactory;
import dev.holdfast.lock.testkit.broken.Defect.Shared;
import dev.holdfast.lock.testkit.contract.ClientFaultContract;
import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;
import dev.holdfast.lock.testkit.contract.NetworkFaultContract;
import dev.holdfast.lock.testkit.contract.ServerControl;
import dev.holdfast.lock.testkit.contract.ServerFaultContract;
import dev.holdfast.lock.testkit.memory.MemoryControl;
import dev.holdfast.lock.testkit.memory.MemoryFixture;
import dev.holdfast.lock.testkit.memory.MemoryStore;
import dev.holdfast.lock.testkit.tiny.TinyControl;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The contract over a broken backend. Run by {@link BrokenBackendsTest} alone: Surefire does not
 * find classes of these names.
 */
final class BrokenSubjects {

  /** What the next subject gets wrong. JUnit makes the subjects, so it cannot be an argument. */
  static volatile Defect defect = Defect.TOKEN_RESTARTS;

  private BrokenSubjects() {}

  static final class Lock extends LockContract {
    @Override
    protected LockFixture openFixture() {
      return new BrokenFixture(defect);
    }
  }

  /**
   * With answers twice as slow as the contract asks for: a deadline that counts from them is wrong
   * by four margins then, which no busy machine hides by being late with the next grant.
   */
  static final class Margin extends MarginContract {
    @Override
    protected LockFixture openFixture() {
      return new BrokenFixture(defect) {
        @Override
        public boolean delayReplies(Duration by) {
          return super.delayReplies(by.multipliedBy(2));
        }
      };
    }
  }

  static final class Network extends NetworkFaultContract {
    @Override
    protected ServerControl openControl() {
      return control(defect);
    }

    @Override
    protected int atOnce() {
      return 1;
    }
  }

  static final class Server extends ServerFaultContract {
    @Override
    protected ServerControl openControl() {
      return control(defect);
    }
  }

  static final class Client extends ClientFaultContract {
    @Override
    protected ServerControl openControl() throws Exception {
      return new TinyControl("broken-tiny", "?" + defect.name());
    }
  }

  /** The store in memory, with the broken backend over the healthy one, behind its network. */
  private static ServerControl control(Defect defect) {
    MemoryStore store = MemoryStore.create(defect.mode);
    Shared shared = new Shared(store);
    return new MemoryControl(
        store, healthy -> context -> defect.way.open(healthy, context, shared)) {
      @Override
      public void start() {
        shared.forgottenByARestart.forEach(store::revoke);
        super.start();
      }
    };
  }

  /** The fixture of the store in memory, with the broken backend over the healthy one. */
  private static class BrokenFixture implements LockFixture {
    private final MemoryFixture healthy;
    private final Defect defect;
    private final Shared shared;

    BrokenFixture(Defect defect) {
      this.healthy = new MemoryFixture(defect.mode);
      this.defect = defect;
      this.shared = new Shared(healthy.store());
    }

    @Override
    public LockBackendFactory connect() {
      return context -> defect.way.open(healthy.connect(), context, shared);
    }

    @Override
    public LockClient client(LockBackendFactory backend, LockClientOptions options) {
      return new BrokenClient(LockClient.over(backend, options), defect.handles);
    }

    @Override
    public void deleteRecord(String name) {
      healthy.deleteRecord(name);
    }

    @Override
    public Duration lease() {
      return Duration.ofMillis(1500);
    }

    @Override
    public OptionalLong residue() {
      return healthy.residue();
    }

    @Override
    public OptionalLong operations() {
      return healthy.operations();
    }

    @Override
    public boolean delayReplies(Duration by) {
      return healthy.delayReplies(by);
    }
  }
}
