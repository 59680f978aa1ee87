package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.server.EtcdServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** etcd's own tool, which Debian has in {@code etcd-client}. */
final class EtcdCtl {

  private EtcdCtl() {}

  static Process start(EtcdServer server, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + server.endpoint()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    return builder.start();
  }

  /** Runs it to its end and returns what it printed. */
  static String run(EtcdServer server, String... words) throws Exception {
    Process process = start(server, words);
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", words) + ": " + printed);
    }
    return printed;
  }

  static List<Long> leases(EtcdServer server) throws Exception {
    return run(server, "lease", "list")
        .lines()
        .skip(1)
        .map(line -> Long.parseUnsignedLong(line.strip(), 16))
        .toList();
  }
}
