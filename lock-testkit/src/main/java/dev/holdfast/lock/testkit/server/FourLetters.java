package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** ZooKeeper's commands of four letters. */
final class FourLetters {

  private static final int TIMEOUT_MILLIS = 2_000;

  private FourLetters() {}

  /** Asks a server on a connection of its own; the answer is empty if it does not know better. */
  static String ask(String host, int port, String command) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
