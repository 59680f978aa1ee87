package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection: what was read on one side and is not yet written on the other.
 *
 * <p>Confined to the proxy's thread. The ends of a stream travel in the queue behind its bytes, so
 * that a stalled or delayed direction holds back a FIN or RST just as a network would.
 */
final class Pipe {

  /** Nothing is due. */
  static final long NEVER = Long.MAX_VALUE;

  // beyond it the sender is slowed down, as by any full network buffer
  private static final long MOST_HELD = 16 << 20;

  private enum Kind {
    DATA,
    FIN,
    RST
  }

  private record Chunk(Kind kind, @Nullable ByteBuffer bytes, long due) {}

  private final Lane lane;
  private final SocketChannel to;
  private final Deque<Chunk> queue = new ArrayDeque<>();
  private long held;
  private long lastDue = Long.MIN_VALUE;
  private boolean ended;
  private boolean holed;
  private boolean finished;
  private boolean aborted;
  private boolean blocked;
  private boolean broken;

  Pipe(Lane lane, SocketChannel to) {
    this.lane = lane;
    this.to = to;
  }

  /** Takes in bytes that were read, unless the sender has already been declared finished. */
  void data(ByteBuffer bytes, long now) {
    if (ended) {
      lane.dropped.addAndGet(bytes.remaining());
      return;
    }
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    held += copy.remaining();
    add(Kind.DATA, copy, now);
  }

  /** The sender has no more to say. */
  void fin(long now) {
    end(Kind.FIN, now);
  }

  /** The sender is gone. */
  void rst(long now) {
    end(Kind.RST, now);
  }

  private void end(Kind kind, long now) {
    if (!ended || kind == Kind.RST) {
      ended = true;
      add(kind, null, now);
    }
  }

  private void add(Kind kind, @Nullable ByteBuffer bytes, long now) {
    // order is kept whatever the jitter
    lastDue = Math.max(lastDue, lane.due(now));
    queue.addLast(new Chunk(kind, bytes, lastDue));
  }

  /** Hands on all that is due; returns when to look again. */
  long pump(long now) {
    blocked = false;
    while (!aborted && lane.mode() != Lane.Mode.STALL && to.isConnected()) {
      Chunk next = queue.peekFirst();
      if (next == null) {
        return NEVER;
      }
      if (next.due() > now) {
        return next.due();
      }
      if (!handOn(next)) {
        blocked = true;
        return NEVER;
      }
      queue.removeFirst();
    }
    return NEVER;
  }

  /** Returns false if the receiver's buffer is full. */
  private boolean handOn(Chunk chunk) {
    if (lane.mode() == Lane.Mode.BLACK_HOLE) {
      holed = true;
      drop(chunk);
      return true;
    }
    try {
      if (chunk.bytes() != null) {
        int written = to.write(chunk.bytes());
        lane.forwarded.addAndGet(written);
        held -= written;
        return !chunk.bytes().hasRemaining();
      }
      if (chunk.kind() == Kind.RST) {
        aborted = true;
      } else {
        to.shutdownOutput();
        finished = true;
      }
    } catch (IOException e) {
      broken = true;
      drop(chunk);
    }
    return true;
  }

  private void drop(Chunk chunk) {
    if (chunk.bytes() != null) {
      held -= chunk.bytes().remaining();
      lane.dropped.addAndGet(chunk.bytes().remaining());
    }
  }

  /** Makes all that is held due at once. */
  void hurry(long now) {
    Deque<Chunk> late = new ArrayDeque<>(queue);
    queue.clear();
    late.forEach(chunk -> queue.addLast(new Chunk(chunk.kind(), chunk.bytes(), now)));
    lastDue = now;
  }

  /** Whether to read more from the sender. */
  boolean wantsMore() {
    return held < MOST_HELD;
  }

  /** Whether something is due that the receiver did not take. */
  boolean isBlocked() {
    return blocked;
  }

  /** Whether the receiver has been told the end of the stream. */
  boolean isFinished() {
    return finished;
  }

  /** Whether the receiver is to see a reset. */
  boolean isAborted() {
    return aborted;
  }

  /** Whether the receiver turned out to be gone. */
  boolean isBroken() {
    return broken;
  }

  /** Whether bytes in the middle of the stream were lost. */
  boolean isHoled() {
    return holed;
  }
}
