package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.net.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The private folder and the port of one server. */
record ServerHome(Path folder, int port) {

  static final String HOST = "127.0.0.1";
  private static final int CONNECT_MILLIS = 500;

  static ServerHome create(String name) throws IOException {
    return new ServerHome(TempFolders.create("holdfast-" + name + "-"), FreePorts.next());
  }

  Path data() {
    return folder.resolve("data");
  }

  Path log() {
    return folder.resolve("server.log");
  }

  List<String> logLines() {
    try {
      // a killed server may have cut a character in two: never fail on the bytes
      return new String(Files.readAllBytes(log()), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** Whether something takes connections on the port: the health check of simple servers. */
  boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
