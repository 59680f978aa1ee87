package dev.holdfast.lock.etcd;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.process.ChildProcess;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Three etcd processes, each in a network namespace of its own on this machine, so that the network
 * between them can be cut while this test still reaches all of them. Needs root, iproute2 and
 * iptables.
 */
final class Islands implements AutoCloseable {

  private static final int SIZE = 3;

  private final int number = ThreadLocalRandom.current().nextInt(1, 250);
  private final String bridge = "hfb" + number;
  private final Path folder;
  private final List<ChildProcess> members = new ArrayList<>();

  Islands(Path folder) throws Exception {
    this.folder = folder;
    try {
      network();
      for (int i = 0; i < SIZE; i++) {
        members.add(start(i));
      }
      Await.until(
          "a leader that all know",
          Duration.ofSeconds(30),
          () -> IntStream.range(0, SIZE).allMatch(i -> get(i, "/health").contains("true")));
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  /** Whether this machine lets us have namespaces. */
  static boolean arePossible() {
    try {
      String name = "hfprobe" + ThreadLocalRandom.current().nextInt(100_000);
      run("ip", "netns", "add", name);
      try {
        run("ip", "netns", "exec", name, "iptables", "-L", "-n");
      } finally {
        run("ip", "netns", "delete", name);
      }
      return true;
    } catch (Exception | AssertionError e) {
      return false;
    }
  }

  private void network() throws Exception {
    run("ip", "link", "add", bridge, "type", "bridge");
    run("ip", "addr", "add", "10.231." + number + ".1/24", "dev", bridge);
    run("ip", "link", "set", bridge, "up");
    for (int i = 0; i < SIZE; i++) {
      String space = space(i);
      String end = "hfv" + number + "-" + i;
      run("ip", "netns", "add", space);
      run("ip", "link", "add", end, "type", "veth", "peer", "name", "eth0", "netns", space);
      run("ip", "link", "set", end, "master", bridge, "up");
      run("ip", "-n", space, "addr", "add", host(i) + "/24", "dev", "eth0");
      run("ip", "-n", space, "link", "set", "eth0", "up");
      run("ip", "-n", space, "link", "set", "lo", "up");
    }
  }

  private String space(int member) {
    return "hfn" + number + "-" + member;
  }

  private String host(int member) {
    return "10.231." + number + "." + (10 + member);
  }

  String client(int member) {
    return host(member) + ":2379";
  }

  private ChildProcess start(int member) {
    String cluster =
        String.join(
            ",",
            IntStream.range(0, SIZE)
                .mapToObj(i -> "m" + i + "=http://" + host(i) + ":2380")
                .toList());
    File log = folder.resolve("m" + member + ".log").toFile();
    return ChildProcess.start(
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                space(member),
                "etcd",
                "--name=m" + member,
                "--data-dir=" + folder.resolve("data" + member),
                "--listen-client-urls=http://" + client(member),
                "--advertise-client-urls=http://" + client(member),
                "--listen-peer-urls=http://" + host(member) + ":2380",
                "--initial-advertise-peer-urls=http://" + host(member) + ":2380",
                "--initial-cluster=" + cluster,
                "--logger=zap",
                "--log-outputs=stderr")
            .redirectErrorStream(true)
            .redirectOutput(log));
  }

  int leader() {
    return Await.value(
        "a leader",
        Duration.ofSeconds(20),
        () ->
            IntStream.range(0, SIZE)
                .filter(i -> get(i, "/metrics").contains("\netcd_server_is_leader 1"))
                .boxed()
                .findFirst());
  }

  /** Lets no packet pass between this member and the others; its clients still reach it. */
  void isolate(int member) throws Exception {
    for (int other = 0; other < SIZE; other++) {
      if (other != member) {
        iptables(member, "-A", "INPUT", "-s", host(other), "-j", "DROP");
        iptables(member, "-A", "OUTPUT", "-d", host(other), "-j", "DROP");
      }
    }
  }

  void heal(int member) throws Exception {
    iptables(member, "-F");
  }

  private void iptables(int member, String... words) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("ip", "netns", "exec", space(member), "iptables", "-w"));
    command.addAll(List.of(words));
    run(command.toArray(String[]::new));
  }

  private String get(int member, String path) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://" + client(member) + path).toURL().openConnection();
      connection.setRequestProperty("Connection", "close");
      connection.setConnectTimeout(1_000);
      connection.setReadTimeout(3_000);
      try (InputStream in = connection.getInputStream()) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
    } catch (IOException e) {
      return "";
    }
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException(String.join(" ", command) + ": " + printed);
    }
  }

  @Override
  public void close() throws Exception {
    members.forEach(ChildProcess::close);
    for (int i = 0; i < SIZE; i++) {
      tryRun("ip", "netns", "delete", space(i));
    }
    tryRun("ip", "link", "delete", bridge);
  }

  private static void tryRun(String... command) throws Exception {
    try {
      run(command);
    } catch (IOException e) {
      // was never made
    }
  }
}
