package dev.holdfast.lock.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A set whose elements come and go with every acquire and release, from all threads of a client.
 *
 * <p>Its elements are its links, so that membership costs no allocation. It is a few lists side by
 * side, each with a lock of its own: at a single one, 32 threads were parked a thousand times a
 * second. Elements of one list stay in order of arrival, so that a simulation can be repeated.
 */
final class Bag<T extends Bag.Link> {

  /** A power of two, far above the cores that are inside at one time on most machines. */
  private static final int LISTS = 16;

  /**
   * What can be an element. A bag takes it by changing {@code bag} from null, and owns the other
   * two fields until it sets it back: under the lock of one list, all of it.
   */
  abstract static class Link {

    @SuppressWarnings("rawtypes") // as the class of the field is
    private static final AtomicReferenceFieldUpdater<Link, Bag> BAG =
        AtomicReferenceFieldUpdater.newUpdater(Link.class, Bag.class, "bag");

    volatile @Nullable Bag<?> bag;
    private @Nullable Link previous;
    private @Nullable Link next;

    /** Decides about the list. Never changes; different for what comes at the same time. */
    abstract int spread();
  }

  private static final class Chain {
    final ReentrantLock lock = new ReentrantLock();
    @Nullable Link first;
    @Nullable Link last;
  }

  private final Chain[] chains = new Chain[LISTS];

  Bag() {
    for (int i = 0; i < LISTS; i++) {
      chains[i] = new Chain();
    }
  }

  private Chain chainOf(Link link) {
    return chains[link.spread() & (LISTS - 1)];
  }

  /** False if it is in a bag already. */
  boolean add(T link) {
    Chain chain = chainOf(link);
    chain.lock.lock();
    try {
      if (!Link.BAG.compareAndSet(link, null, this)) {
        return false;
      }
      append(chain, link);
      return true;
    } finally {
      chain.lock.unlock();
    }
  }

  private static void append(Chain chain, Link link) {
    Link before = chain.last;
    link.previous = before;
    if (before == null) {
      chain.first = link;
    } else {
      before.next = link;
    }
    chain.last = link;
  }

  /** False if it is in another bag, or in none. */
  boolean remove(Link link) {
    if (link.bag != this) {
      return false;
    }
    Chain chain = chainOf(link);
    chain.lock.lock();
    try {
      if (link.bag != this) {
        return false;
      }
      unlink(chain, link);
      return true;
    } finally {
      chain.lock.unlock();
    }
  }

  private static void unlink(Chain chain, Link link) {
    Link before = link.previous;
    Link after = link.next;
    if (before == null) {
      chain.first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      chain.last = before;
    } else {
      after.previous = before;
    }
    link.previous = null;
    link.next = null;
    link.bag = null; // last: from now on another bag may take it
  }

  /** False if something was added, and not removed, before this was called. */
  boolean isEmpty() {
    for (Chain chain : chains) {
      chain.lock.lock();
      try {
        if (chain.first != null) {
          return false;
        }
      } finally {
        chain.lock.unlock();
      }
    }
    return true;
  }

  /** The elements; with what was added before this was called, and not removed meanwhile. */
  @SuppressWarnings("unchecked") // add() takes nothing else
  List<T> elements() {
    List<T> elements = new ArrayList<>();
    for (Chain chain : chains) {
      chain.lock.lock();
      try {
        for (Link at = chain.first; at != null; at = at.next) {
          elements.add((T) at);
        }
      } finally {
        chain.lock.unlock();
      }
    }
    return elements;
  }
}
