package dev.holdfast.lock.testkit.net;

import dev.holdfast.lock.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** One end of a connection that talks in lines. */
final class LinePeer implements AutoCloseable {

  static final Duration LIMIT = Duration.ofSeconds(10);

  /** How the other side ended: "FIN", "RST", or "" while it has not. */
  volatile String end = "";

  final Socket socket;
  private final BufferedReader in;

  LinePeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  static LinePeer connect(InetSocketAddress address) throws IOException {
    LinePeer peer = new LinePeer(new Socket(address.getAddress(), address.getPort()));
    peer.timeout(LIMIT);
    return peer;
  }

  void timeout(Duration limit) throws IOException {
    socket.setSoTimeout((int) Await.scaled(limit).toMillis());
  }

  void send(String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  String read() throws IOException {
    return in.readLine();
  }

  String ask(String line) throws IOException {
    send(line);
    return read();
  }

  String readOrEnd() {
    try {
      String line = in.readLine();
      if (line == null) {
        end = "FIN";
      }
      return line;
    } catch (IOException e) {
      end = "RST";
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
