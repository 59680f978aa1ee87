package dev.holdfast.lock.testkit.soak;

import dev.holdfast.lock.DistributedLock;
import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockException;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is at the store when all clients are gone, some of them by kill -9. */
final class Residue {

  private final SoakStore store;
  private final SoakOptions options;

  Residue(SoakStore store, SoakOptions options) {
    this.store = store;
    this.options = options;
  }

  /** Waits until there is nothing; says what there still is after a lease and 5 s. */
  List<String> find() {
    List<String> left = new ArrayList<>(locks());
    List<String> last = new ArrayList<>();
    try {
      Await.until(
          "nothing left at the store",
          FaultPlan.recoveryLimit(options.lease()),
          () -> {
            last.clear();
            last.addAll(store.residue());
            return last.isEmpty();
          });
    } catch (AssertionError e) {
      left.addAll(last.isEmpty() ? List.of(e.toString()) : last);
    }
    return left;
  }

  /** Every lock must be free for a new client. */
  private List<String> locks() {
    List<String> left = new ArrayList<>();
    try (LockClient client = LockClient.connect(store.uri(), Soak.patient(options.lease()))) {
      Duration limit = Await.scaled(FaultPlan.recoveryLimit(options.lease()));
      for (int i = 0; i < options.locks(); i++) {
        DistributedLock lock = client.lock(Soak.lockName(i));
        Optional<LockHandle> held = lock.tryAcquire(limit);
        if (held.isEmpty()) {
          left.add("'%s' is held by %s".formatted(Soak.lockName(i), lock.holder()));
        }
        held.ifPresent(LockHandle::close);
      }
    } catch (LockException e) {
      left.add("the store cannot be used any more: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return left;
  }
}
