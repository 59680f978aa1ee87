package dev.holdfast.lock.testkit.net;

import static dev.holdfast.lock.testkit.net.Direction.CLIENT_TO_SERVER;
import static dev.holdfast.lock.testkit.net.Direction.SERVER_TO_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.lock.testkit.Await;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {

  private static final Duration LIMIT = LinePeer.LIMIT;
  private static final Duration A_WHILE = Duration.ofMillis(80);

  private final List<LinePeer> clients = new ArrayList<>();
  private LineServer server;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    server = new LineServer();
    proxy = FaultProxy.to(server.address());
  }

  @AfterEach
  void stop() throws IOException {
    for (LinePeer client : clients) {
      client.close();
    }
    proxy.close();
    server.close();
  }

  private LinePeer connect() throws IOException {
    LinePeer client = LinePeer.connect(proxy.address());
    clients.add(client);
    return client;
  }

  /** A connection that has been through to the server. */
  private LinePeer connected() throws IOException {
    LinePeer client = connect();
    assertThat(client.ask("hello")).isEqualTo("re:hello");
    server.received.clear();
    return client;
  }

  private LinePeer peer(int i) {
    return Await.value("connection " + i, LIMIT, () -> server.peers.stream().skip(i).findFirst());
  }

  private void awaitEnd(int i, String end) {
    Await.until("the server to see " + end, LIMIT, () -> peer(i).end.equals(end));
  }

  private void awaitReceived(String... lines) {
    Await.until("lines to arrive", LIMIT, () -> server.received.equals(List.of(lines)));
  }

  private static void assertSilent(LinePeer client) throws IOException {
    client.timeout(A_WHILE);
    assertThatThrownBy(client::read).isInstanceOf(SocketTimeoutException.class);
    client.timeout(LIMIT);
  }

  private static void assertReset(LinePeer client) {
    assertThatThrownBy(client::read).isInstanceOf(SocketException.class);
  }

  @Test
  void noFault_bothWays_passAndCount() throws IOException {
    assertThat(connect().ask("hello")).isEqualTo("re:hello");
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
    assertThat(proxy.openConnections()).isEqualTo(1);
    Await.until("counts", LIMIT, () -> proxy.forwardedBytes(SERVER_TO_CLIENT) == 9);
    assertThat(proxy.forwardedBytes(CLIENT_TO_SERVER)).isEqualTo(6);
    assertThat(proxy.droppedBytes(CLIENT_TO_SERVER)).isZero();
  }

  @Test
  void noFault_clientCloses_serverSeesFinAndNothingStaysOpen() throws IOException {
    connected().close();
    awaitEnd(0, "FIN");
    peer(0).close();
    Await.until("the link to end", LIMIT, () -> proxy.openConnections() == 0);
  }

  @Test
  void noFault_clientResets_serverSeesRst() throws IOException {
    LinePeer client = connected();
    client.socket.setSoLinger(true, 0);
    client.close();
    awaitEnd(0, "RST");
  }

  @Test
  void noFault_muchDataAgainstASlowReader_arrivesWhole() throws IOException {
    LinePeer client = connect();
    String big = "x".repeat(1 << 20);
    int lines = 24;
    Thread writer =
        new Thread(
            () -> {
              for (int i = 0; i < lines; i++) {
                try {
                  client.send(big);
                } catch (IOException e) {
                  return;
                }
              }
            },
            "test-writer");
    writer.start();
    for (int i = 0; i < lines; i++) {
      assertThat(client.read()).hasSize(big.length() + 3);
    }
  }

  @Test
  void cut_openConnection_isResetOnBothSides() throws IOException {
    LinePeer client = connected();
    proxy.cut();
    assertReset(client);
    awaitEnd(0, "RST");
    assertThat(proxy.openConnections()).isZero();
  }

  @Test
  void cut_newConnection_isRefusedUntilHeal() throws IOException {
    proxy.cut();
    proxy.cut();
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    assertThatThrownBy(() -> new ServerSocket(proxy.port()).close())
        .as("the port stays ours")
        .isInstanceOf(IOException.class);
    proxy.heal();
    connected();
  }

  @Test
  void reset_openConnection_endsAndNewOneWorks() throws IOException {
    LinePeer client = connected();
    proxy.reset();
    assertReset(client);
    awaitEnd(0, "RST");
    connected();
  }

  @Test
  void halfClose_toServer_leavesTheWayBackOpen() throws IOException {
    LinePeer client = connected();
    proxy.halfClose(CLIENT_TO_SERVER);
    awaitEnd(0, "FIN");
    client.send("into nothing");
    peer(0).send("still here");
    assertThat(client.read()).isEqualTo("still here");
    assertThat(server.received).isEmpty();
  }

  @Test
  void halfClose_toClient_leavesTheWayToTheServerOpen() throws IOException {
    LinePeer client = connected();
    proxy.halfClose(SERVER_TO_CLIENT);
    assertThat(client.read()).isNull();
    client.send("a request");
    awaitReceived("a request");
  }

  @Test
  void blackHole_requests_neverArrive() throws IOException {
    LinePeer client = connected();
    proxy.blackHole(CLIENT_TO_SERVER);
    client.send("lost");
    Await.until("the drop", LIMIT, () -> proxy.droppedBytes(CLIENT_TO_SERVER) == 5);
    peer(0).send("pushed");
    assertThat(client.read()).isEqualTo("pushed");
    assertThat(server.received).isEmpty();
  }

  @Test
  void blackHole_replies_areServedAndNotHeard() throws IOException {
    LinePeer client = connected();
    proxy.blackHole(SERVER_TO_CLIENT);
    client.send("served");
    awaitReceived("served");
    Await.until("the drop", LIMIT, () -> proxy.droppedBytes(SERVER_TO_CLIENT) == 10);
    assertSilent(client);
  }

  @Test
  void blackHole_bothWays_hidesAClose() throws IOException {
    LinePeer client = connected();
    proxy.blackHole();
    client.send("lost");
    client.close();
    Await.until("the drop", LIMIT, () -> proxy.droppedBytes(CLIENT_TO_SERVER) == 5);
    assertThat(peer(0).end).isEmpty();
    proxy.heal();
    awaitEnd(0, "RST");
  }

  @Test
  void blackHole_healed_resetsOnlyWhatLostBytes() throws IOException {
    LinePeer hurt = connected();
    LinePeer idle = connected();
    proxy.blackHole();
    hurt.send("lost");
    Await.until("the drop", LIMIT, () -> proxy.droppedBytes(CLIENT_TO_SERVER) == 5);
    proxy.heal();
    assertReset(hurt);
    assertThat(idle.ask("again")).isEqualTo("re:again");
  }

  @Test
  void stall_requests_arriveLate() throws IOException {
    LinePeer client = connected();
    proxy.stall(CLIENT_TO_SERVER);
    client.send("one");
    client.send("two");
    assertSilent(client);
    assertThat(server.received).isEmpty();
    proxy.heal();
    assertThat(client.read()).isEqualTo("re:one");
    assertThat(client.read()).isEqualTo("re:two");
  }

  @Test
  void stall_clientGoneMeanwhile_requestStillArrives() throws IOException {
    LinePeer client = connected();
    proxy.stall(CLIENT_TO_SERVER);
    client.send("late");
    client.close();
    // a second connection has been through the loop after what the first one sent
    connect().socket.close();
    assertThat(server.received).isEmpty();
    proxy.heal();
    awaitReceived("late");
    awaitEnd(0, "FIN");
  }

  @Test
  void stall_replies_areHeardLate() throws IOException {
    LinePeer client = connected();
    proxy.stall(SERVER_TO_CLIENT);
    client.send("ask");
    awaitReceived("ask");
    assertSilent(client);
    proxy.heal();
    assertThat(client.read()).isEqualTo("re:ask");
  }

  @Test
  void stall_newConnection_isAcceptedAndServedLater() throws IOException {
    proxy.stall();
    LinePeer client = connect();
    client.send("early");
    assertSilent(client);
    proxy.heal();
    assertThat(client.read()).isEqualTo("re:early");
  }

  @Test
  void delay_roundTrip_takesItsTimeAndKeepsOrder() throws IOException {
    LinePeer client = connected();
    proxy.delay(Duration.ofMillis(60), Duration.ofMillis(20), 42, SERVER_TO_CLIENT);
    long start = System.nanoTime();
    for (int i = 0; i < 40; i++) {
      client.send("line " + i);
    }
    for (int i = 0; i < 40; i++) {
      assertThat(client.read()).isEqualTo("re:line " + i);
    }
    Duration all = Duration.ofNanos(System.nanoTime() - start);
    assertThat(all).isGreaterThanOrEqualTo(Duration.ofMillis(60));
    assertThat(all).as("latency, not bandwidth").isLessThan(Duration.ofMillis(40 * 60));
  }

  @Test
  void delay_healed_deliversAtOnce() throws IOException {
    LinePeer client = connected();
    proxy.delay(Duration.ofHours(1), Duration.ZERO, 0);
    client.send("patience");
    assertSilent(client);
    proxy.heal();
    assertThat(client.read()).isEqualTo("re:patience");
  }

  @Test
  void dropReply_second_swallowsItAndKeepsTheConnection() throws IOException {
    LinePeer client = connected();
    proxy.dropReply(2);
    assertThat(client.ask("first")).isEqualTo("re:first");
    client.send("second");
    Await.until("the reply to be dropped", LIMIT, () -> proxy.droppedReplies() == 1);
    assertThat(server.received).containsExactly("first", "second");
    assertSilent(client);
    assertThat(client.ask("third")).isEqualTo("re:third");
    assertThat(proxy.droppedReplies()).isEqualTo(1);
    assertThat(proxy.droppedBytes(SERVER_TO_CLIENT)).isEqualTo(10);
  }

  @Test
  void dropReply_ofARequestUnderWay_isTheNext() throws IOException {
    LinePeer client = connected();
    server.answering.acquireUninterruptibly();
    client.send("under way");
    awaitReceived("under way");
    proxy.dropReply(1);
    server.answering.release();
    Await.until("the reply to be dropped", LIMIT, () -> proxy.droppedReplies() == 1);
    assertSilent(client);
  }

  @Test
  void dropReply_healed_isForgotten() throws IOException {
    LinePeer client = connected();
    proxy.dropReply(1);
    proxy.heal();
    assertThat(client.ask("a")).isEqualTo("re:a");
  }

  @Test
  void retarget_newConnection_reachesTheOtherServer() throws IOException {
    LinePeer old = connected();
    try (LineServer other = new LineServer()) {
      proxy.retarget(other.address());
      assertThat(connect().ask("new")).isEqualTo("re:new");
      assertThat(other.received).containsExactly("new");
      assertThat(old.ask("old")).isEqualTo("re:old");
      assertThat(proxy.target()).isEqualTo(other.address());
    }
  }

  @Test
  void targetDown_newConnection_isReset() throws IOException {
    proxy.retarget(new InetSocketAddress(server.address().getAddress(), FreePorts.next()));
    LinePeer client = connect();
    assertReset(client);
  }

  @Test
  void close_withOpenConnections_leavesNothing() throws IOException {
    LinePeer client = connected();
    String thread = "holdfast-proxy-" + proxy.port();
    assertThat(threads()).contains(thread);
    proxy.close();
    proxy.close();
    assertReset(client);
    Await.until("the thread to end", LIMIT, () -> !threads().contains(thread));
    new ServerSocket(proxy.port()).close();
    assertThatIllegalStateException().isThrownBy(() -> proxy.cut());
    assertThat(proxy.acceptedConnections()).isEqualTo(1);
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
  }

  @Test
  void manyConnections_faultsAllTheTime_survive() throws IOException {
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 20; i++) {
        connect().send("x");
      }
      switch (round % 5) {
        case 0 -> proxy.stall();
        case 1 -> proxy.blackHole();
        case 2 -> proxy.cut();
        case 3 -> proxy.reset();
        default -> proxy.halfClose(SERVER_TO_CLIENT);
      }
      proxy.heal();
    }
    connected();
    assertThat(proxy.acceptedConnections()).isGreaterThan(0);
  }

  @Test
  void badArguments_areRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> proxy.dropReply(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> proxy.delay(Duration.ofMillis(-1), Duration.ZERO, 0));
  }

  @Test
  void freePorts_areBelowTheOutgoingRangeAndVary() {
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ports.add(FreePorts.next());
    }
    assertThat(Collections.max(ports)).isLessThan(32_768);
    assertThat(ports.stream().distinct().count()).isGreaterThan(10);
  }
}
