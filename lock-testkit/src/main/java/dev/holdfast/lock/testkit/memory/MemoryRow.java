package dev.holdfast.lock.testkit.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What {@link MemoryStore} keeps of one name. Guarded by the store's lock. */
final class MemoryRow {

  /** A claim at the store: a place in the queue while it waits, the grant afterwards. */
  static final class Entry {
    final String id;
    final String description;
    final long lease;
    final LongConsumer onGrant;
    long token;
    long since;
    long expires;

    Entry(String id, String description, long lease, long now, LongConsumer onGrant) {
      this.id = id;
      this.description = description;
      this.lease = lease;
      this.onGrant = onGrant;
      this.expires = now + lease;
    }

    void extend(long now) {
      expires = now + lease;
    }

    boolean expired(long now) {
      return expires - now <= 0;
    }

    /**
     * Whether the waiter was heard of lately. A grant lasts only as long as the registration that
     * it comes from, so a stale one would be worth nothing to its owner and cost the others time;
     * it keeps its place, and is served again once it is renewed.
     */
    boolean fresh(long now) {
      return expires - now > lease / 2;
    }
  }

  final List<Entry> queue = new ArrayList<>();
  @Nullable Entry holder;
  @Nullable String record;
  boolean enabled = true;

  boolean isHeldBy(String id) {
    return holder != null && holder.id.equals(id);
  }

  @Nullable Entry queued(String id) {
    return queue.stream().filter(entry -> entry.id.equals(id)).findFirst().orElse(null);
  }

  /** Forgets who has run out, and gives a free name to the first in the queue who is alive. */
  void settle(long now, LongSupplier tokens) {
    if (holder != null && holder.expired(now)) {
      holder = null;
    }
    queue.removeIf(entry -> entry.expired(now));
    if (holder != null || !enabled) {
      return;
    }
    for (Entry entry : queue) {
      if (entry.fresh(now)) {
        queue.remove(entry);
        holder = entry;
        entry.token = tokens.getAsLong();
        entry.since = now;
        entry.onGrant.accept(entry.token);
        return;
      }
    }
  }

  /** Whether nothing would be forgotten by dropping this row. */
  boolean isIdle() {
    return holder == null && queue.isEmpty() && record == null && enabled;
  }

  /** How many things of clients are here: what has to be back at zero when all have left. */
  int residue() {
    return (holder == null ? 0 : 1) + queue.size();
  }
}
