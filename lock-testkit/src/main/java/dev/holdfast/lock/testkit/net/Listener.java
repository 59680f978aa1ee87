package dev.holdfast.lock.testkit.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The port of a proxy, which can refuse connections without giving the port away.
 *
 * <p>A second socket is bound to the port all the time and never listens: once the listening one is
 * closed, the kernel refuses connections as if nobody were there, and yet nobody else can take the
 * port. Where the system has no SO_REUSEPORT, new connections are accepted and reset instead.
 */
final class Listener implements AutoCloseable {

  private static final int BACKLOG = 1024;

  private final Selector selector;
  private final InetSocketAddress address;
  private final @Nullable SocketChannel holder;
  private @Nullable ServerSocketChannel open;
  private boolean refusing;

  private Listener(Selector selector, ServerSocketChannel open, @Nullable SocketChannel holder)
      throws IOException {
    this.selector = selector;
    this.open = open;
    this.address = (InetSocketAddress) open.getLocalAddress();
    this.holder = holder;
  }

  static Listener open(Selector selector) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    for (int i = 0; ; i++) {
      try {
        // not port 0: see FreePorts
        return open(selector, new InetSocketAddress(loopback, FreePorts.next()));
      } catch (IOException e) {
        if (i == 20) {
          throw e;
        }
      }
    }
  }

  private static Listener open(Selector selector, InetSocketAddress address) throws IOException {
    ServerSocketChannel server = listen(selector, address);
    SocketChannel holder = null;
    try {
      if (reuse(server)) {
        holder = SocketChannel.open();
        reuse(holder);
        holder.bind(address);
      }
      return new Listener(selector, server, holder);
    } catch (IOException e) {
      server.close();
      if (holder != null) {
        holder.close();
      }
      throw e;
    }
  }

  private static ServerSocketChannel listen(Selector selector, InetSocketAddress address)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      reuse(server);
      server.bind(address, BACKLOG);
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private static boolean reuse(NetworkChannel channel) throws IOException {
    boolean can = channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT);
    if (can) {
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }
    return can;
  }

  InetSocketAddress address() {
    return address;
  }

  /** The next client that waits; null if there is none. */
  @Nullable SocketChannel accept() throws IOException {
    SocketChannel client = open == null ? null : open.accept();
    if (client != null && refusing) {
      Link.abort(client);
      return null;
    }
    return client;
  }

  void refuse() throws IOException {
    refusing = true;
    if (holder != null && open != null) {
      open.close();
      open = null;
    }
  }

  void welcome() throws IOException {
    refusing = false;
    if (open == null) {
      open = listen(selector, address);
    }
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.close();
    }
    if (holder != null) {
      holder.close();
    }
  }
}
