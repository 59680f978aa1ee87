package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** How to run one etcd, alone or as a member of a cluster, from an installed program. */
record EtcdRecipe(
    Path program,
    String version,
    EtcdMember member,
    Map<String, String> flags,
    Map<String, String> environment)
    implements ServerRecipe {

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public String description() {
    return "etcd %s from %s (%s%s)"
        .formatted(
            version,
            ServerSource.PATH,
            program,
            member.isAlone() ? "" : ", member of " + member.size());
  }

  /** {@code etcd Version: 3.4.23}. */
  static String versionOf(Path program) throws IOException {
    String printed = Commands.run(Path.of("/"), List.of(program.toString(), "--version"));
    return printed.lines().findFirst().orElse("").replaceFirst("^etcd Version: *", "");
  }

  @Override
  public List<String> command(ServerHome home) {
    String scheme = flags.containsKey("cert-file") ? "https" : "http";
    String client = scheme + "://" + ServerHome.HOST + ":" + home.port();
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    add(command, "name", member.name());
    add(command, "data-dir", home.data().toString());
    add(command, "listen-client-urls", client);
    add(command, "advertise-client-urls", client);
    add(command, "listen-peer-urls", "http://" + ServerHome.HOST + ":" + member.peerPort());
    add(command, "initial-advertise-peer-urls", member.peerUrl());
    add(command, "initial-cluster", member.cluster());
    add(command, "listen-metrics-urls", "http://" + ServerHome.HOST + ":" + member.metricsPort());
    add(command, "logger", "zap");
    add(command, "log-outputs", "stderr");
    flags.forEach((name, value) -> add(command, name, value));
    return command;
  }

  private static void add(List<String> command, String flag, String value) {
    command.add("--" + flag + "=" + value);
  }

  /** One that is alone has to answer; a member is up before the others are, and has no leader. */
  @Override
  public boolean isHealthy(ServerHome home, long root) {
    return member.isAlone()
        ? EtcdMetrics.isHealthy(member.metricsPort())
        : home.accepts() && EtcdMetrics.answers(member.metricsPort());
  }
}
