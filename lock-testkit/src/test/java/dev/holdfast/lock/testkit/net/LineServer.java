package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;

/** A server that answers each line by "re:" and the line, and remembers all it saw. */
final class LineServer implements AutoCloseable {

  final List<String> received = new CopyOnWriteArrayList<>();
  final List<LinePeer> peers = new CopyOnWriteArrayList<>();

  /** While a test has it, nothing is answered. */
  final Semaphore answering = new Semaphore(1);

  private final ServerSocket socket;

  LineServer() throws IOException {
    socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private void accept() {
    try {
      while (true) {
        LinePeer peer = new LinePeer(socket.accept());
        peers.add(peer);
        daemon(() -> serve(peer));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(LinePeer peer) {
    for (String line = peer.readOrEnd(); line != null; line = peer.readOrEnd()) {
      received.add(line);
      answering.acquireUninterruptibly();
      answering.release();
      try {
        peer.send("re:" + line);
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void daemon(Runnable body) {
    Thread thread = new Thread(body, "test-line-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (LinePeer peer : peers) {
      peer.close();
    }
  }
}
