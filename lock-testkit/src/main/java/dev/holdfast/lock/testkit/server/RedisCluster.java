package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A cluster of real servers on loopback: three masters with a replica each. Nodes that do not
 * answer for a while are replaced.
 *
 * <p><b>Threads.</b> Safe for concurrent use after {@link #launch()}.
 */
public final class RedisCluster implements AutoCloseable {

  private static final int NODES = 6;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<RedisServer> nodes;

  private RedisCluster(List<RedisServer> nodes) {
    this.nodes = nodes;
  }

  /**
   * Starts six servers and makes them a cluster; nodes that do not answer for a second are
   * replaced.
   *
   * @return the cluster, all of whose slots are served
   * @throws ServerUnavailableException if there is no server to start
   */
  public static RedisCluster launch() {
    return launch(Duration.ofSeconds(1));
  }

  /**
   * Starts six servers and makes them a cluster, for tests in which no node may be replaced by
   * mistake as well.
   *
   * @param nodeTimeout for how long a node may be silent
   * @return the cluster, all of whose slots are served
   * @throws ServerUnavailableException if there is no server to start
   */
  public static RedisCluster launch(Duration nodeTimeout) {
    RedisCluster cluster = new RedisCluster(new ArrayList<>());
    try {
      for (int i = 0; i < NODES; i++) {
        cluster.nodes.add(
            RedisServer.options()
                .from(ServerSource.PATH) // nodes tell clients their address
                .withoutPersistence()
                .line("cluster-enabled yes")
                .line("cluster-config-file nodes.conf")
                .line("cluster-node-timeout " + nodeTimeout.toMillis())
                .line("cluster-port " + FreePorts.next())
                .line("repl-diskless-sync-delay 0")
                .launch());
      }
      cluster.join();
      return cluster;
    } catch (RuntimeException | AssertionError e) {
      cluster.close();
      throw e;
    }
  }

  private void join() {
    List<String> command = new ArrayList<>();
    command.add(RedisPrograms.find("redis-cli", "valkey-cli").orElse("redis-cli"));
    command.addAll(List.of("--cluster", "create"));
    nodes.forEach(node -> command.add(node.host() + ":" + node.port()));
    command.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
    try {
      Commands.run(Path.of("/"), command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitHealthy();
  }

  /** Waits until every running node sees all slots served, and every master that runs a replica. */
  public void awaitHealthy() {
    Await.until(
        "a healthy cluster",
        LIMIT,
        () -> nodes.stream().filter(RedisServer::isRunning).allMatch(RedisCluster::isHealthy));
  }

  private static boolean isHealthy(RedisServer node) {
    return node.cli("CLUSTER", "INFO").contains("cluster_state:ok")
        && (node.cli("ROLE").startsWith("master")
            || node.cli("INFO", "replication").contains("master_link_status:up"));
  }

  /**
   * All nodes.
   *
   * @return six servers, masters and replicas
   */
  public List<RedisServer> nodes() {
    return nodes;
  }

  /**
   * Which node serves a key.
   *
   * @param key any
   * @return its master, as the first running node sees it
   */
  public RedisServer masterOf(String key) {
    RedisServer any = nodes.stream().filter(RedisServer::isRunning).findFirst().orElseThrow();
    long slot = Long.parseLong(any.cli("CLUSTER", "KEYSLOT", key));
    for (String line : any.cli("CLUSTER", "NODES").split("\n", -1)) {
      // id host:port@bus[,hostname] flags master ping pong epoch state slots...
      String[] words = line.split(" ", -1);
      if (words[2].contains("master") && !words[2].contains("fail") && serves(words, slot)) {
        int port = Integer.parseInt(words[1].replaceAll(".*:(\\d+)@.*", "$1"));
        return nodes.stream().filter(node -> node.port() == port).findFirst().orElseThrow();
      }
    }
    throw new IllegalStateException("nobody serves " + key);
  }

  private static boolean serves(String[] words, long slot) {
    for (int i = 8; i < words.length; i++) {
      String[] range = words[i].split("-", 2);
      if (range[0].matches("\\d+")
          && slot >= Long.parseLong(range[0])
          && slot <= Long.parseLong(range[range.length - 1])) {
        return true;
      }
    }
    return false;
  }

  /**
   * The URI of the cluster.
   *
   * @return {@code redis://host:port,host:port...} of all nodes
   */
  public String uri() {
    return nodes.stream()
        .map(node -> node.host() + ":" + node.port())
        .collect(Collectors.joining(",", "redis://", ""));
  }

  /** Ends all nodes. */
  @Override
  public void close() {
    nodes.forEach(RedisServer::close);
  }
}
