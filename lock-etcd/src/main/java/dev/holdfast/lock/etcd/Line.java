package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.ClaimOutcome;
import dev.holdfast.lock.spi.ClaimOutcome.Waiting;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A claim that waits for the one before it to go.
 *
 * <p>It watches its predecessor only, so that a release wakes one waiter. The watch begins now, not
 * at the revision of the own key; what happened in between is found by looking once more as soon as
 * the watch is there. And it looks before it believes: granted is only who finds, in one
 * transaction, its own key as it was created and nobody before it.
 *
 * <p><b>Why any server may be asked.</b> A read that a majority confirms waits for what is being
 * written meanwhile: behind the very release that woke us, mostly its owner's next claim. A server
 * that has applied the revision that the watch told of needs nobody's word: order of creation never
 * changes, so who was the first at that revision, or any later one, is so until its key goes. How
 * long that cannot happen by itself is what the lease's last renewal says, and not this read. A
 * server that has not come so far is passed over: the question is put to the majority then. That
 * may be the very server that told of it: it tells watches a moment before it shows it to readers.
 *
 * <p>Guarded by {@code guard}, under which nothing is called: everything that is not final.
 */
final class Line {

  private static final long NONE = -1;

  /** A revision that nobody but a majority can say to have seen. */
  private static final long NEWEST = Long.MAX_VALUE;

  private final Etcd etcd;
  private final EtcdKeys keys;
  private final Claim claim;
  private final Place place;
  private final ReentrantLock guard = new ReentrantLock();
  private CompletableFuture<ClaimOutcome> next = new CompletableFuture<>();
  private @Nullable Post post;
  private boolean looking;
  private long nextLook = NONE;
  private boolean over;

  Line(Etcd etcd, EtcdKeys keys, Claim claim, Place place) {
    this.etcd = etcd;
    this.keys = keys;
    this.claim = claim;
    this.place = place;
  }

  /**
   * What {@link Waiting#next} is to be: a new one each time, as the engine hangs something upon it;
   * but the last one again for one who comes while the outcome is being told.
   */
  CompletableFuture<ClaimOutcome> next() {
    guard.lock();
    try {
      if (!over) {
        next = new CompletableFuture<>();
      }
      return next;
    } finally {
      guard.unlock();
    }
  }

  boolean isOver() {
    guard.lock();
    try {
      return over;
    } finally {
      guard.unlock();
    }
  }

  /**
   * Waits behind {@code before}, unless it waits already.
   *
   * @param before the last one before it, at the revision of its own key; null if it is to find out
   */
  void stand(@Nullable ByteSequence before) {
    boolean begun;
    guard.lock();
    try {
      begun = post != null || over;
    } finally {
      guard.unlock();
    }
    if (begun) {
      return;
    }
    if (before == null) {
      look(NEWEST);
    } else {
      watch(before, place.revision());
    }
  }

  /** Nobody waits any more. */
  void end() {
    moveTo(null, true);
  }

  /** One watch on one predecessor; what comes from an earlier one does not count. */
  private final class Post implements Watch.Listener {

    private final ByteSequence before;
    private final long seen;
    private Watch.@Nullable Watcher watcher;
    private boolean closed;

    Post(ByteSequence before, long seen) {
      this.before = before;
      this.seen = seen;
    }

    void open() {
      Watch.Watcher opened;
      try {
        opened = etcd.watch(before, this);
      } catch (RuntimeException e) { // the client is being closed, or changed for another
        broken();
        return;
      }
      boolean late;
      synchronized (this) {
        watcher = opened;
        late = closed;
      }
      if (late) {
        opened.close();
      }
    }

    void close() {
      Watch.Watcher open;
      synchronized (this) {
        closed = true;
        open = watcher;
      }
      if (open != null) {
        open.close();
      }
    }

    @Override
    public void onNext(WatchResponse response) {
      long told = response.getHeader().getRevision();
      for (WatchEvent event : response.getEvents()) {
        told = event.getKeyValue().getModRevision();
      }
      if (told > seen && isAt(this)) { // else nothing has happened between the look and the watch
        look(told);
      }
    }

    @Override
    public void onError(Throwable failure) {
      broken();
    }

    @Override
    public void onCompleted() {
      broken();
    }

    /** The next question opens another; jetcd's own would begin in the past. */
    private void broken() {
      if (isAt(this)) {
        say(Waiting.askAgain());
      }
    }
  }

  private boolean isAt(Post one) {
    guard.lock();
    try {
      return post == one && !over;
    } finally {
      guard.unlock();
    }
  }

  /** Watches {@code before}, which was there at the revision {@code seen}. */
  private void watch(ByteSequence before, long seen) {
    Post opened = new Post(before, seen);
    if (moveTo(opened, false)) {
      opened.open();
    }
  }

  private boolean moveTo(@Nullable Post to, boolean end) {
    Post left;
    guard.lock();
    try {
      if (over) {
        return false;
      }
      over = end;
      left = post;
      post = to;
    } finally {
      guard.unlock();
    }
    if (left != null) {
      left.close();
    }
    return true;
  }

  /** Once it is over, nobody is given another future than the one that is completed here. */
  private void say(ClaimOutcome outcome) {
    if (moveTo(null, true)) {
      place.forget(this); // a held lock keeps no line
      CompletableFuture<ClaimOutcome> told = next();
      var unused = place.told().thenRun(() -> told.complete(outcome));
    }
  }

  /**
   * One look at a time; whatever comes meanwhile asks for another.
   *
   * <p>It speaks of the key that there was when it was sent. That may be gone, with its lease, and
   * put anew with a later revision before the answer comes: who stands before that one was not
   * asked.
   *
   * @param revision that must be seen, or {@link #NEWEST}
   */
  private void look(long revision) {
    guard.lock();
    try {
      if (over || looking) {
        nextLook = Math.max(nextLook, revision);
        return;
      }
      looking = true;
    } finally {
      guard.unlock();
    }
    look(revision, revision != NEWEST);
  }

  private void look(long revision, boolean atAnyServer) {
    ByteSequence contenders = keys.contenders(claim.name());
    long created = place.revision();
    var unused =
        etcd.txn(
                txn ->
                    txn.Then(
                        Ops.exists(keys.of(claim, place.slot()), atAnyServer),
                        Ops.before(contenders, created, atAnyServer),
                        Ops.exists(keys.offSwitch(claim.name()), atAnyServer)))
            .whenComplete(
                (answer, failure) -> {
                  if (atAnyServer
                      && (answer == null || answer.getHeader().getRevision() < revision)) {
                    look(NEWEST, false);
                  } else {
                    looked(answer, created);
                  }
                });
  }

  private void looked(@Nullable TxnResponse answer, long created) {
    long again;
    guard.lock();
    try {
      looking = false;
      again = over ? NONE : nextLook;
      nextLook = NONE;
    } finally {
      guard.unlock();
    }
    if (answer == null) {
      say(Waiting.askAgain());
    } else {
      seen(answer, created);
    }
    if (again != NONE) {
      look(again);
    }
  }

  private void seen(TxnResponse answer, long created) {
    Session session = place.session();
    Optional<KeyValue> own = Ops.found(answer, 0);
    Optional<KeyValue> before = Ops.found(answer, 1);
    boolean off = Ops.found(answer, 2).isPresent();
    boolean mine = own.filter(key -> key.getCreateRevision() == created).isPresent();
    if (off || session == null || !mine) {
      say(Waiting.askAgain());
    } else if (before.isEmpty()) {
      say(place.grant(session, created).orElseGet(Waiting::askAgain));
    } else {
      ByteSequence key = before.get().getKey();
      if (!isBehind(key)) {
        watch(key, answer.getHeader().getRevision());
      }
    }
  }

  private boolean isBehind(ByteSequence key) {
    guard.lock();
    try {
      return post != null && post.before.equals(key);
    } finally {
      guard.unlock();
    }
  }
}
