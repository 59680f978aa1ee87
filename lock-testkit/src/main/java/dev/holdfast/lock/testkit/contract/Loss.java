package dev.holdfast.lock.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.LockLoss;
import dev.holdfast.lock.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens for the loss of one handle and remembers when it came, and how often. */
public final class Loss {

  /**
   * One call of the listener.
   *
   * @param at {@link System#nanoTime()} when it began
   * @param loss what it was told
   * @param saidHeld what {@link LockHandle#isHeld()} said inside
   */
  public record Notice(long at, LockLoss loss, boolean saidHeld) {}

  private final LockHandle handle;
  private final List<Notice> notices = new CopyOnWriteArrayList<>();

  private Loss(LockHandle handle) {
    this.handle = handle;
  }

  /** Listens from now on. */
  public static Loss of(LockHandle handle) {
    Loss loss = new Loss(handle);
    handle.onLost(told -> loss.notices.add(new Notice(System.nanoTime(), told, handle.isHeld())));
    return loss;
  }

  /** All notices so far. */
  public List<Notice> notices() {
    return notices;
  }

  /** Waits for the notice, and checks that it is as it must be (L2): one, and not held inside. */
  public Notice await(Duration limit) {
    Await.until("the loss of '" + handle.lockName() + "'", limit, () -> !notices.isEmpty());
    Notice notice = notices.get(0);
    assertThat(notice.saidHeld()).as("L2: isHeld() inside onLost").isFalse();
    assertThat(notice.loss().fencingToken()).isEqualTo(handle.fencingToken());
    assertThat(notice.loss().lockName()).isEqualTo(handle.lockName());
    assertThat(handle.isHeld()).isFalse();
    assertThat(notices).as("L2: notices").hasSize(1);
    return notice;
  }
}
