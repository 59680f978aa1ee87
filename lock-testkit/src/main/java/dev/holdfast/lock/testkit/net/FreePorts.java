package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds ports for servers that a test starts, kills and starts again.
 *
 * <p>Not by binding port 0: such a port lies in the range from which the kernel serves outgoing
 * connections, so while the server is down, a client that retries may be given the very port as its
 * own and even connect to itself; and then the server cannot come back.
 *
 * <p>A port may stay unbound for long after it was picked: a server that starts slowly, the port on
 * which a member of an ensemble would lead. So this process picks none twice within some hundreds,
 * and others that run tests at the same time pick from other parts of the range: each has locked a
 * file that stands for its part, for as long as it lives.
 */
public final class FreePorts {

  private static final int LOWEST = 12_000;
  private static final int TRIES = 1_000;

  /** Of the range: far more than there are processes that need ports at the same time. */
  private static final int PARTS = 16;

  private static final Part PART = Part.own();

  private static final Set<Integer> PICKED = new LinkedHashSet<>();

  private FreePorts() {}

  /**
   * Picks a port on which nobody listens now, below the range for outgoing connections. It is not
   * reserved: bind it soon.
   *
   * @return the port
   * @throws IllegalStateException if none was found
   */
  public static int next() {
    int size = (firstOutgoing() - LOWEST) / PARTS;
    int first = LOWEST + size * PART.number();
    for (int i = 0; i < TRIES; i++) {
      int port = first + ThreadLocalRandom.current().nextInt(size);
      if (isNew(port, size / 2) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException("no free port between " + first + " and " + (first + size));
  }

  private static boolean isNew(int port, int most) {
    synchronized (PICKED) {
      boolean added = PICKED.add(port);
      if (PICKED.size() > most) {
        PICKED.remove(PICKED.iterator().next());
      }
      return added;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket onLoopback = new ServerSocket();
        ServerSocket onAll = new ServerSocket()) {
      onLoopback.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      onLoopback.close(); // or else it is in the way of the second try
      onAll.bind(new InetSocketAddress(port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int firstOutgoing() {
    try {
      String range = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"));
      int first = Integer.parseInt(range.strip().replaceAll("\\s.*", ""));
      return first > LOWEST + 1_000 ? first : 32_768;
    } catch (IOException | NumberFormatException e) {
      return 32_768;
    }
  }

  /**
   * A part of the range.
   *
   * @param lock what keeps others from it, held open for that
   */
  private record Part(int number, Optional<FileChannel> lock) {

    /** One that nobody else has; any if there is none, or locks are not to be had. */
    static Part own() {
      int first = (int) (ProcessHandle.current().pid() % PARTS);
      Path folder = Path.of(System.getProperty("java.io.tmpdir"));
      for (int i = 0; i < PARTS; i++) {
        int number = (first + i) % PARTS;
        Part part = new Part(number, lock(folder.resolve("holdfast-ports-" + number + ".lock")));
        if (part.lock().isPresent()) {
          return part;
        }
      }
      return new Part(first, Optional.empty());
    }

    private static Optional<FileChannel> lock(Path file) {
      try {
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() != null) {
          return Optional.of(channel);
        }
        channel.close();
      } catch (IOException | OverlappingFileLockException e) {
        // another user's, or of another copy of this class: the next one may be had
      }
      return Optional.empty();
    }
  }
}
