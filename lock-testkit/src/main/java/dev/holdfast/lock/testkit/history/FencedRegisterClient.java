package dev.holdfast.lock.testkit.history;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes to the register of another process.
 *
 * <p><b>Threads.</b> Safe for concurrent use; writes go one after another.
 */
public final class FencedRegisterClient implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Socket socket;
  private final BufferedReader in;

  private FencedRegisterClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Connects.
   *
   * @param address of a {@link FencedRegisterServer}
   * @param timeout for the connection and for each answer
   * @return an open client
   * @throws IOException if nobody answers
   */
  public static FencedRegisterClient connect(InetSocketAddress address, Duration timeout)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(address, (int) timeout.toMillis());
      socket.setSoTimeout((int) timeout.toMillis());
      socket.setTcpNoDelay(true);
      return new FencedRegisterClient(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Writes, if the token allows it.
   *
   * @param token of the writer's grant
   * @param text what to keep
   * @return whether it was accepted
   * @throws IOException if no answer came; the write may have taken effect
   */
  public boolean write(long token, String text) throws IOException {
    String line = token + " " + URLEncoder.encode(text, StandardCharsets.UTF_8) + "\n";
    lock.lock();
    try {
      socket.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
      String answer = in.readLine();
      if (answer == null) {
        throw new EOFException("the register has closed the connection");
      }
      return answer.equals("accepted");
    } finally {
      lock.unlock();
    }
  }

  /** Closes the connection; idempotent. */
  @Override
  public void close() throws IOException {
    socket.close();
  }
}
