package dev.holdfast.lock.testkit.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares one {@link FencedRegister} with other processes, over TCP on loopback.
 *
 * <p>One line per write, {@code <token> <URL-encoded text>}, answered by {@code accepted} or {@code
 * rejected}. {@link FencedRegisterClient} speaks it.
 *
 * <p><b>Threads.</b> Safe for concurrent use; one daemon thread, and one more per connection.
 */
public final class FencedRegisterServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FencedRegisterServer.class);

  private final FencedRegister register = new FencedRegister();
  private final ServerSocket server;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  private FencedRegisterServer(ServerSocket server) {
    this.server = server;
  }

  /**
   * Starts a server with an empty register on a free port.
   *
   * @return the running server
   * @throws UncheckedIOException if no port can be bound
   */
  public static FencedRegisterServer start() {
    try {
      FencedRegisterServer it =
          new FencedRegisterServer(new ServerSocket(0, 0, InetAddress.getLoopbackAddress()));
      daemon(it::accept, "holdfast-register-" + it.server.getLocalPort());
      return it;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a register", e);
    }
  }

  /**
   * Where it listens.
   *
   * @return a loopback address
   */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /**
   * The register that is shared.
   *
   * @return for writes and counts in this process
   */
  public FencedRegister register() {
    return register;
  }

  /** Ends all connections and frees the port; idempotent. The register can still be read. */
  @Override
  public void close() {
    closeQuietly(server);
    clients.forEach(FencedRegisterServer::closeQuietly);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        clients.add(client);
        daemon(() -> serve(client), "holdfast-register-client-" + client.getPort());
        if (server.isClosed()) {
          closeQuietly(client);
        }
      } catch (IOException e) {
        log.debug("the register accepts no more", e);
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String answer = write(line) ? "accepted\n" : "rejected\n";
        client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException | IllegalArgumentException e) {
      log.debug("a client of the register is gone", e);
    } finally {
      clients.remove(client);
    }
  }

  private boolean write(String line) {
    String[] words = line.split(" ", 2);
    String text = words.length < 2 ? "" : words[1];
    return register.write(
        Long.parseLong(words[0]), URLDecoder.decode(text, StandardCharsets.UTF_8));
  }

  private static void daemon(Runnable body, String name) {
    Thread thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      log.debug("could not close {}", closeable, e);
    }
  }
}
