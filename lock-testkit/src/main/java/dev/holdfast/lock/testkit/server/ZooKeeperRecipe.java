package dev.holdfast.lock.testkit.server;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How to run ZooKeeper's server from its jars: alone, or as a member of an ensemble.
 *
 * @param id the number of a member, or 0 of a server that stands alone
 */
record ZooKeeperRecipe(
    int id,
    Map<String, String> settings,
    Map<String, String> properties,
    Map<String, String> environment)
    implements ServerRecipe {

  /** What has to be there for it. */
  static final String HINT =
      "add org.apache.zookeeper:zookeeper, org.xerial.snappy:snappy-java and"
          + " io.dropwizard.metrics:metrics-core to the test class path";

  private static final String MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

  static boolean isOnTheClassPath() {
    return main().isPresent();
  }

  /** Looks for the server on the class path. */
  static String version() {
    Class<?> main =
        main()
            .orElseThrow(
                () -> new ServerUnavailableException("no ZooKeeper to test with; " + HINT));
    String jar = main.getProtectionDomain().getCodeSource().getLocation().getPath();
    return new File(jar).getName().replaceFirst("^zookeeper-", "").replace(".jar", "");
  }

  private static Optional<Class<?>> main() {
    try {
      return Optional.of(Class.forName(MAIN, false, ZooKeeperRecipe.class.getClassLoader()));
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public String name() {
    return "zookeeper";
  }

  @Override
  public String description() {
    String member = id == 0 ? "" : ", member " + id + " of an ensemble";
    return "ZooKeeper %s from %s%s".formatted(version(), ServerSource.MAVEN, member);
  }

  @Override
  public void prepare(ServerHome home) throws IOException {
    List<String> lines =
        configuration(home.data().toString(), home.port(), ServerHome.HOST, settings);
    Files.createDirectories(home.data());
    Files.write(configuration(home), lines, StandardCharsets.UTF_8);
    if (id > 0) {
      Files.writeString(home.data().resolve("myid"), Integer.toString(id));
    }
  }

  /** The lines of a configuration file. */
  static List<String> configuration(
      String data, int port, String address, Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("dataDir", data);
    all.put("clientPort", Integer.toString(port));
    all.put("clientPortAddress", address);
    all.put("admin.enableServer", "false");
    all.put("4lw.commands.whitelist", "*");
    all.put("maxClientCnxns", "0");
    all.putAll(settings);
    List<String> lines = new ArrayList<>();
    all.forEach((key, value) -> lines.add(key + "=" + value));
    return lines;
  }

  private static Path configuration(ServerHome home) {
    return home.folder().resolve("zoo.cfg");
  }

  @Override
  public List<String> command(ServerHome home) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    new TreeMap<>(properties).forEach((key, value) -> command.add("-D" + key + "=" + value));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add("-Dzookeeper.jmx.log4j.disable=true");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.add(configuration(home).toString());
    return command;
  }

  /** A member of an ensemble serves nobody before it has found others; it is up before that. */
  @Override
  public boolean isHealthy(ServerHome home, long root) throws IOException {
    return id > 0 ? home.accepts() : serves(ServerHome.HOST, home.port());
  }

  static boolean serves(String host, int port) throws IOException {
    return FourLetters.ask(host, port, "srvr").contains("Mode:");
  }
}
