package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a proxy. It owns all state; other threads hand it orders and wait until they
 * are carried out, so that a fault is in force when the call that asked for it returns.
 */
final class ProxyLoop {

  private static final Logger log = LoggerFactory.getLogger(ProxyLoop.class);
  private static final int BUFFER = 64 << 10;

  /** What a caller wants done on the loop's thread. */
  @FunctionalInterface
  interface Order {
    void run() throws IOException;
  }

  private record Task(Order order, CompletableFuture<Boolean> done) {}

  final Replies replies = new Replies();
  final AtomicLong accepted = new AtomicLong();
  final Map<Direction, Lane> lanes = new EnumMap<>(Direction.class);
  private final Selector selector;
  private final Listener listener;
  private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
  private final Set<Link> links = new HashSet<>();
  private final Set<Link> delayed = new HashSet<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private final Thread thread;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile InetSocketAddress target;
  private volatile boolean closing;
  private volatile int open;
  private long earliest = Pipe.NEVER;

  ProxyLoop(InetSocketAddress target) throws IOException {
    this.target = target;
    for (Direction direction : Direction.values()) {
      lanes.put(direction, new Lane());
    }
    selector = Selector.open();
    listener = Listener.open(selector);
    thread = new Thread(this::run, "holdfast-proxy-" + listener.address().getPort());
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return listener.address();
  }

  InetSocketAddress target() {
    return target;
  }

  void target(InetSocketAddress next) {
    target = next;
  }

  int open() {
    return open;
  }

  /** Runs {@code order} on the loop's thread; returns when its effect is on the wire. */
  void call(Order order) {
    Task task = new Task(order, new CompletableFuture<>());
    tasks.add(task);
    selector.wakeup();
    if (ended.isDone()) {
      // the loop may have looked for what it leaves behind before this task was there
      task.done.complete(false);
    }
    if (!task.done.join()) {
      throw new IllegalStateException("the proxy is closed");
    }
  }

  /** Resets every connection and ends the thread; idempotent. */
  void close() {
    closing = true;
    selector.wakeup();
    ended.join();
  }

  Collection<Link> links() {
    return links;
  }

  void refuse() throws IOException {
    listener.refuse();
  }

  void welcome() throws IOException {
    listener.welcome();
  }

  private void run() {
    try {
      while (!closing) {
        turn();
      }
    } catch (IOException | RuntimeException e) {
      log.error("the proxy on {} has failed", address(), e);
    } finally {
      end();
    }
  }

  private void turn() throws IOException {
    selector.select(timeout());
    long now = System.nanoTime();
    Set<Link> touched = new HashSet<>(delayed);
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof Link link) {
        link.ready(key, buffer, now);
        touched.add(link);
      } else {
        accept(touched);
      }
    }
    selector.selectedKeys().clear();
    pump(touched);
    if (!tasks.isEmpty()) {
      carryOut();
    }
  }

  private void carryOut() throws IOException {
    List<Task> carriedOut = new ArrayList<>();
    for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
      try {
        task.order.run();
        carriedOut.add(task);
      } catch (IOException e) {
        task.done.completeExceptionally(new UncheckedIOException(e));
      }
    }
    pump(new ArrayList<>(links));
    // only this closes the sockets of channels that were registered
    selector.selectNow();
    carriedOut.forEach(task -> task.done.complete(true));
  }

  private void accept(Set<Link> touched) {
    try {
      SocketChannel client = listener.accept();
      if (client != null) {
        serve(client, touched);
      }
    } catch (IOException e) {
      // too many open files, say: the next one may fare better
      log.debug("proxy on {} could not accept a connection", address(), e);
    }
  }

  private void serve(SocketChannel client, Set<Link> touched) {
    try {
      Link link = Link.open(client, target, selector, lanes, replies.new Exchange());
      accepted.incrementAndGet();
      links.add(link);
      touched.add(link);
    } catch (IOException e) {
      log.debug("proxy on {} could not serve a connection", address(), e);
      Link.abort(client);
    }
  }

  private void pump(Collection<Link> some) {
    for (Link link : some) {
      pump(link);
    }
    open = links.size();
  }

  private void pump(Link link) {
    long now = System.nanoTime();
    long next = link.pump(now);
    if (next == Pipe.NEVER) {
      delayed.remove(link);
    } else {
      delayed.add(link);
    }
    if (!link.isOpen()) {
      links.remove(link);
      delayed.remove(link);
    }
    earliest = Math.min(earliest, next);
  }

  /** In milliseconds until something is due; 0 means no limit. */
  private long timeout() {
    long due = earliest;
    earliest = Pipe.NEVER;
    if (due == Pipe.NEVER) {
      return 0;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime() + 999_999);
    return Math.max(1, millis);
  }

  private void end() {
    try (selector;
        listener) {
      links.forEach(Link::reset);
      links.clear();
      open = 0;
      selector.selectNow();
    } catch (IOException e) {
      log.debug("proxy on {} did not close well", address(), e);
    } finally {
      ended.complete(null);
      tasks.forEach(task -> task.done.complete(false));
    }
  }
}
