package dev.holdfast.lock.testkit.server;

import dev.holdfast.lock.testkit.Await;
import dev.holdfast.lock.testkit.net.FreePorts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A cluster of real etcd processes on loopback.
 *
 * <p><b>Promise.</b> Each member is a {@link TestServer} with all that this says.
 *
 * <p><b>Threads.</b> Safe for concurrent use.
 */
public final class EtcdCluster implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<EtcdServer> members;

  private EtcdCluster(List<EtcdServer> members) {
    this.members = List.copyOf(members);
  }

  /**
   * Starts a cluster and waits until it has a leader.
   *
   * @param size the number of members, usually 3
   * @param options flags for all members
   * @return the cluster, ready for clients
   * @throws ServerUnavailableException if etcd is not installed
   */
  public static EtcdCluster launch(int size, EtcdServerOptions options) {
    List<Integer> ports = IntStream.range(0, size).mapToObj(i -> FreePorts.next()).toList();
    String all =
        IntStream.range(0, size)
            .mapToObj(i -> name(i) + "=" + EtcdMember.url(ports.get(i)))
            .collect(Collectors.joining(","));
    List<CompletableFuture<EtcdServer>> starting = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int port = ports.get(i);
      EtcdMember member =
          new EtcdMember(name(i), port, EtcdMember.url(port), FreePorts.next(), all);
      starting.add(CompletableFuture.supplyAsync(() -> options.launch(member), thread()));
    }
    EtcdCluster started = new EtcdCluster(starting.stream().map(CompletableFuture::join).toList());
    started.awaitHealthy();
    return started;
  }

  /** All start at once: none of them is ready before the others are there. */
  private static Executor thread() {
    return task -> new Thread(task, "starts etcd").start();
  }

  private static String name(int index) {
    return "m" + index;
  }

  /**
   * All members, in the order of their names.
   *
   * @return the members, running or not
   */
  public List<EtcdServer> members() {
    return members;
  }

  /**
   * The member that leads now.
   *
   * @return the leader, after a wait of up to 30 s (scaled) for one
   */
  public EtcdServer leader() {
    return Await.value(
        "a leader",
        LIMIT,
        () -> {
          List<EtcdServer> leaders =
              members.stream().filter(EtcdServer::isRunning).filter(EtcdServer::isLeader).toList();
          return leaders.size() == 1 ? Optional.of(leaders.get(0)) : Optional.empty();
        });
  }

  /**
   * Members that follow now.
   *
   * @return all but the leader
   */
  public List<EtcdServer> followers() {
    EtcdServer leader = leader();
    return members.stream().filter(member -> member != leader).toList();
  }

  /** Waits until every running member has a leader and takes writes. */
  public void awaitHealthy() {
    Await.until(
        "all members to be healthy",
        LIMIT,
        () -> members.stream().filter(EtcdServer::isRunning).allMatch(EtcdServer::isHealthy));
  }

  /** Ends every member and deletes its data. */
  @Override
  public void close() {
    members.forEach(EtcdServer::close);
  }
}
