package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What all processes of a Pulsar have in common: small, on loopback, quiet. */
final class PulsarProcess {

  /** What the program that is all of Pulsar calls itself. */
  static final String CLUSTER = "standalone";

  /** An idle machine needs 5 s; one with two processors and a load of 13 took more than 30. */
  static final Duration START_LIMIT = Duration.ofSeconds(90);

  /** The parts of the JDK that Pulsar's own start script opens. */
  private static final List<String> OPENED =
      List.of(
          "java.base/java.io",
          "java.base/java.lang",
          "java.base/java.net",
          "java.base/java.nio",
          "java.base/java.util.zip",
          "java.base/jdk.internal.misc",
          "java.base/jdk.internal.platform",
          "java.base/sun.net",
          "java.base/sun.nio.ch",
          "java.management/sun.management",
          "jdk.management/com.sun.management.internal");

  private static final String LOGGING =
      """
      status = error
      appender.out.type = Console
      appender.out.name = out
      appender.out.layout.type = PatternLayout
      appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n
      rootLogger.level = ${sys:holdfast.log:-warn}
      rootLogger.appenderRef.out.ref = out
      """;

  private PulsarProcess() {}

  /**
   * Settings of broker and bookie for a store of one bookie on loopback. What clients can feel is
   * as in Pulsar's own configuration files: the bookie syncs its journal, topics live as long as
   * they would.
   */
  static Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("clusterName", CLUSTER);
    all.put("advertisedAddress", ServerHome.HOST);
    all.put("bindAddress", ServerHome.HOST);
    all.put("allowLoopback", "true");
    all.put("listeningInterface", loopback());
    // or else a bookie picks a port by itself, one that may be taken when it comes back
    all.put("allowEphemeralPorts", "true");
    all.put("managedLedgerDefaultEnsembleSize", "1");
    all.put("managedLedgerDefaultWriteQuorum", "1");
    all.put("managedLedgerDefaultAckQuorum", "1");
    all.put("managedLedgerCacheSizeMB", "16");
    all.put("transactionCoordinatorEnabled", "false");
    all.put("numIOThreads", "2");
    all.put("numOrderedExecutorThreads", "2");
    all.put("numHttpServerThreads", "8");
    all.put("bookkeeperClientNumWorkerThreads", "2");
    all.put("ledgerStorageClass", "org.apache.bookkeeper.bookie.storage.ldb.DbLedgerStorage");
    all.put("journalMaxGroupWaitMSec", "1");
    all.put("dbStorage_writeCacheMaxSizeMb", "16");
    all.put("dbStorage_readAheadCacheMaxSizeMb", "4");
    all.put("dbStorage_rocksDB_blockCacheSize", "4194304");
    all.put("diskUsageThreshold", "0.99");
    all.put("diskUsageWarnThreshold", "0.98");
    all.put("diskUsageLwmThreshold", "0.97");
    return all;
  }

  private static String loopback() {
    try {
      return NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getName();
    } catch (SocketException e) {
      throw new UncheckedIOException("no loopback interface", e);
    }
  }

  static Path configuration(ServerHome home) {
    return home.folder().resolve("pulsar.conf");
  }

  private static Path logging(ServerHome home) {
    return home.folder().resolve("log4j2.properties");
  }

  static void prepare(ServerHome home, Map<String, String> settings) throws IOException {
    List<String> lines = new ArrayList<>();
    settings.forEach((key, value) -> lines.add(key + "=" + value));
    Files.createDirectories(home.data());
    Files.write(configuration(home), lines, StandardCharsets.UTF_8);
    Files.writeString(logging(home), LOGGING);
  }

  /**
   * The command line of the program that can be each part of Pulsar, or all of them. The store is
   * ZooKeeper where the folder named for it is there, and else a library.
   */
  static List<String> standalone(ServerHome home, PulsarClassPath classPath) {
    List<String> command = java(home, classPath);
    command.add("org.apache.pulsar.PulsarStandaloneStarter");
    command.addAll(List.of("--config", configuration(home).toString()));
    command.addAll(List.of("--zookeeper-dir", zooKeeper(home).toString()));
    command.addAll(List.of("--no-functions-worker", "--no-stream-storage"));
    return command;
  }

  /** The command line of a broker that is nothing else. */
  static List<String> broker(ServerHome home, PulsarClassPath classPath) {
    List<String> command = java(home, classPath);
    command.add("org.apache.pulsar.PulsarBrokerStarter");
    command.addAll(List.of("--broker-conf", configuration(home).toString()));
    return command;
  }

  static Path zooKeeper(ServerHome home) {
    return home.data().resolve("zookeeper");
  }

  private static List<String> java(ServerHome home, PulsarClassPath classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:-UsePerfData", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-Xms64m", "-Xmx320m", "-XX:MaxDirectMemorySize=256m"));
    OPENED.forEach(opened -> command.add("--add-opens=" + opened + "=ALL-UNNAMED"));
    command.add("-Dio.netty.tryReflectionSetAccessible=true");
    command.add("-Dlog4j2.configurationFile=" + logging(home));
    command.add("-Dlog4j2.disableJmx=true");
    command.addAll(List.of("-cp", classPath.entries()));
    return command;
  }
}
