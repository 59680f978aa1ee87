package dev.holdfast.lock.redis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.lock.LockClient;
import dev.holdfast.lock.LockHandle;
import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SocketsTest {

  private static final Path FILES = Path.of("/proc/self/fd");
  private static final int TIMES = 5;

  /** R3: neither the connections nor the sockets by which the driver looks for names. */
  @Test
  void close_ofAClient_leavesNoSocket() throws Exception {
    assumeTrue(Files.isDirectory(FILES), "needs Linux, which lists a process's open files");
    useOnce(); // the JVM opens one of its own, once
    Set<String> before = sockets();
    for (int i = 0; i < TIMES; i++) {
      useOnce();
    }
    Await.until(
        "sockets to be closed",
        Duration.ofSeconds(10),
        () -> {
          Set<String> now = sockets();
          now.removeAll(before);
          return now.isEmpty();
        });
  }

  private static void useOnce() throws Exception {
    try (Clients clients = new Clients()) {
      LockClient client = clients.at(TestServers.standalone().uri());
      LockHandle held = client.lock("sockets").acquire();
      held.close();
    }
  }

  private static Set<String> sockets() throws IOException {
    Set<String> sockets = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(FILES)) {
      for (Path file : files) {
        String target = target(file);
        if (target.startsWith("socket:")) {
          sockets.add(target);
        }
      }
    }
    return sockets;
  }

  private static String target(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException e) {
      return ""; // closed in the meantime
    }
  }
}
