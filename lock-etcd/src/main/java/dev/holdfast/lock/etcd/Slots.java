package dev.holdfast.lock.etcd;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The numbers in which the keys of this client end. One belongs to one claim at a time, and is used
 * again: etcd keeps every key that ever was in memory until it is compacted, and looks at all of
 * them below a name to find who has it. A number whose key may still be created by a request that
 * was not answered, or deleted by its name alone, is never given back.
 */
final class Slots {

  private final ConcurrentLinkedDeque<Integer> free = new ConcurrentLinkedDeque<>();
  private final AtomicInteger next = new AtomicInteger();

  /** The one that was given back last: its keys are the likeliest to be known already. */
  int take() {
    Integer again = free.pollFirst();
    return again == null ? next.getAndIncrement() : again;
  }

  void give(int slot) {
    free.addFirst(slot);
  }
}
