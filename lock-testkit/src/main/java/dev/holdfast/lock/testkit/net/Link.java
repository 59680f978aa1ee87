package dev.holdfast.lock.testkit.net;

import static dev.holdfast.lock.testkit.net.Direction.CLIENT_TO_SERVER;
import static dev.holdfast.lock.testkit.net.Direction.SERVER_TO_CLIENT;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Objects;

/**
 * One client's connection and the one to the server that belongs to it.
 *
 * <p>Confined to the proxy's thread. A side whose read or write fails is closed at once; the other
 * side learns of it through the pipe, and so not before the fault of that direction is healed.
 */
final class Link {

  private final SocketChannel client;
  private final SocketChannel server;
  private final Pipe toServer;
  private final Pipe toClient;
  private final SelectionKey clientKey;
  private final SelectionKey serverKey;
  private final Map<Direction, Lane> lanes;
  private final Replies.Exchange exchange;

  private Link(
      SocketChannel client,
      SocketChannel server,
      Selector selector,
      Map<Direction, Lane> lanes,
      Replies.Exchange exchange)
      throws IOException {
    this.client = client;
    this.server = server;
    this.lanes = lanes;
    this.exchange = exchange;
    this.toServer = new Pipe(lane(CLIENT_TO_SERVER), server);
    this.toClient = new Pipe(lane(SERVER_TO_CLIENT), client);
    this.clientKey = client.register(selector, SelectionKey.OP_READ, this);
    this.serverKey = server.register(selector, SelectionKey.OP_CONNECT, this);
  }

  /** Connects an accepted client to the target, without waiting for it. */
  static Link open(
      SocketChannel client,
      InetSocketAddress target,
      Selector selector,
      Map<Direction, Lane> lanes,
      Replies.Exchange exchange)
      throws IOException {
    SocketChannel server = SocketChannel.open();
    try {
      for (SocketChannel side : new SocketChannel[] {client, server}) {
        side.configureBlocking(false);
        side.setOption(StandardSocketOptions.TCP_NODELAY, true);
      }
      Link link = new Link(client, server, selector, lanes, exchange);
      link.connect(target);
      return link;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void connect(InetSocketAddress target) {
    try {
      if (server.connect(target)) {
        serverKey.interestOps(SelectionKey.OP_READ);
      }
    } catch (IOException | RuntimeException e) {
      gone(server, toClient);
    }
  }

  /** Reads what a side has sent; finishes the connection to the server. */
  void ready(SelectionKey key, ByteBuffer buffer, long now) {
    if (key.isValid() && key.isConnectable()) {
      finishConnect();
    }
    if (key.isValid() && key.isReadable()) {
      if (key == clientKey) {
        read(client, toServer, CLIENT_TO_SERVER, buffer, now);
      } else {
        read(server, toClient, SERVER_TO_CLIENT, buffer, now);
      }
    }
  }

  private void finishConnect() {
    try {
      server.finishConnect();
    } catch (IOException e) {
      gone(server, toClient);
    }
  }

  private void read(
      SocketChannel from, Pipe pipe, Direction direction, ByteBuffer buffer, long now) {
    try {
      int count = from.read(buffer.clear());
      if (count < 0) {
        from.shutdownInput();
        pipe.fin(now);
      } else if (count > 0) {
        take(pipe, direction, buffer.flip(), now);
      }
    } catch (IOException e) {
      gone(from, pipe);
    }
  }

  private void take(Pipe pipe, Direction direction, ByteBuffer bytes, long now) {
    if (direction == CLIENT_TO_SERVER) {
      exchange.onRequest();
    } else if (exchange.onReply()) {
      lane(direction).dropped.addAndGet(bytes.remaining());
      return;
    }
    pipe.data(bytes, now);
  }

  private static void gone(SocketChannel side, Pipe itsPipe) {
    close(side);
    itsPipe.rst(System.nanoTime());
  }

  /** Hands on what is due in both directions; returns when to look again. */
  long pump(long now) {
    long next = Math.min(toServer.pump(now), toClient.pump(now));
    if (toServer.isBroken() && server.isOpen()) {
      gone(server, toClient);
      next = now;
    }
    if (toClient.isBroken() && client.isOpen()) {
      gone(client, toServer);
      next = now;
    }
    if (toServer.isAborted() || toClient.isAborted()) {
      reset();
    } else if (toServer.isFinished() && toClient.isFinished()) {
      close(client);
      close(server);
    } else {
      listen(clientKey, client, toServer, toClient);
      listen(serverKey, server, toClient, toServer);
    }
    return isOpen() ? next : Pipe.NEVER;
  }

  private static void listen(SelectionKey key, SocketChannel side, Pipe from, Pipe to) {
    if (key.isValid() && side.isConnected()) {
      boolean read = from.wantsMore() && !side.socket().isInputShutdown();
      key.interestOps(
          (read ? SelectionKey.OP_READ : 0) | (to.isBlocked() ? SelectionKey.OP_WRITE : 0));
    }
  }

  /** Declares the sender of one direction finished. */
  void halfClose(Direction direction, long now) {
    pipe(direction).fin(now);
  }

  /** Makes all that is held due; a stream with a hole in it is reset, for no network has such. */
  void heal(long now) {
    if (toServer.isHoled() || toClient.isHoled()) {
      reset();
    } else {
      toServer.hurry(now);
      toClient.hurry(now);
    }
  }

  /** Sends RST both ways. */
  void reset() {
    for (SocketChannel side : new SocketChannel[] {client, server}) {
      abort(side);
    }
  }

  /** Closes a channel such that its peer sees RST and not FIN. */
  static void abort(SocketChannel side) {
    try {
      if (side.isOpen()) {
        side.setOption(StandardSocketOptions.SO_LINGER, 0);
      }
    } catch (IOException e) {
      // a socket that is broken already needs no more breaking
    }
    close(side);
  }

  boolean isOpen() {
    return client.isOpen() || server.isOpen();
  }

  private Pipe pipe(Direction direction) {
    return direction == CLIENT_TO_SERVER ? toServer : toClient;
  }

  private Lane lane(Direction direction) {
    return Objects.requireNonNull(lanes.get(direction));
  }

  private static void close(SocketChannel side) {
    try {
      side.close();
    } catch (IOException e) {
      // nothing can be done about it, and the link is given up anyway
    }
  }
}
