package dev.holdfast.lock.testkit.net;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the replies that begin on all connections of a proxy and says which one to swallow. */
final class Replies {

  final AtomicLong dropped = new AtomicLong();

  private long untilDrop;

  /** Confined to the proxy's thread, as all here but {@link #dropped}. */
  void drop(int n) {
    untilDrop = n;
  }

  void forget() {
    untilDrop = 0;
  }

  /** One connection's view: which bytes belong to the reply that is to be swallowed. */
  final class Exchange {

    private boolean requested;
    private boolean swallowing;

    void onRequest() {
      requested = true;
      swallowing = false;
    }

    /** Whether the bytes that came from the server are to be swallowed. */
    boolean onReply() {
      if (requested) {
        requested = false;
        swallowing = untilDrop > 0 && --untilDrop == 0;
        if (swallowing) {
          dropped.incrementAndGet();
        }
      }
      return swallowing;
    }
  }
}
