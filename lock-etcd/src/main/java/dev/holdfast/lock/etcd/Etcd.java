package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.Ticker;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.DeleteResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseGrantResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseRevokeResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.WatchOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The calls that are made to etcd, and the jetcd client that makes them.
 *
 * <p>A client of our own is replaced by a fresh one when it gets no answer for a while: gRPC waits
 * longer and longer between its attempts to connect (up to two minutes, so that after an outage
 * nobody would lead for as long), finds out late that a connection has died in silence, and a jetcd
 * client cannot be told a new password. One that the application lent is left as it is.
 *
 * <p>Guarded by this object's monitor, under which nothing is called but the making of a client:
 * the choice of the client.
 */
final class Etcd {

  /** After so long without any answer, while some are due, the connection is taken for dead. */
  private static final long SILENCE = 3_000_000_000L;

  /** After so long with nothing but failures to connect, gRPC's own pauses grow too long. */
  private static final long FAILING = 1_000_000_000L;

  private static final WatchOption.Builder DELETIONS =
      WatchOption.builder().withNoPut(true).withCreateNotify(true).withRequireLeader(true);

  private final @Nullable Supplier<Client> opener;
  private final int endpoints;
  private final Ticker ticker;
  private final Executor workers;
  private @Nullable Client client;
  private long openedAt;
  private boolean closed;
  private int due;
  private long lastAnswer;
  private boolean failing;

  private Etcd(
      @Nullable Supplier<Client> opener,
      @Nullable Client lent,
      int endpoints,
      Ticker ticker,
      Executor workers) {
    this.opener = opener;
    this.client = lent;
    this.endpoints = endpoints;
    this.ticker = ticker;
    this.workers = workers;
  }

  /** Over clients of our own, the first of them opened at the first call. */
  static Etcd own(Supplier<Client> opener, int endpoints, Ticker ticker, Executor workers) {
    return new Etcd(opener, null, endpoints, ticker, workers);
  }

  /** Over the application's client; how many servers it knows cannot be seen. */
  static Etcd lent(Client client, Ticker ticker, Executor workers) {
    return new Etcd(null, client, 3, ticker, workers);
  }

  /** How many servers there are to ask, as far as is known; at most three. */
  int servers() {
    return Math.min(endpoints, 3);
  }

  CompletableFuture<TxnResponse> txn(UnaryOperator<Txn> content) {
    return call(client -> content.apply(client.getKVClient().txn()).commit());
  }

  /** Nobody else ever has this key, so a delete that comes late or twice hits no successor. */
  CompletableFuture<DeleteResponse> delete(ByteSequence key) {
    return call(client -> client.getKVClient().delete(key));
  }

  CompletableFuture<LeaseGrantResponse> grantLease(long seconds) {
    return call(client -> client.getLeaseClient().grant(seconds));
  }

  CompletableFuture<LeaseRevokeResponse> revokeLease(long id) {
    return call(client -> client.getLeaseClient().revoke(id));
  }

  CompletableFuture<LeaseKeepAliveResponse> keepAlive(long id) {
    return call(client -> client.getLeaseClient().keepAliveOnce(id));
  }

  CompletableFuture<LeaseTimeToLiveResponse> keysUnder(long id) {
    LeaseOption option = LeaseOption.builder().withAttachedKeys().build();
    return call(client -> client.getLeaseClient().timeToLive(id, option));
  }

  /**
   * Watches for the deletion of a key, from the moment at which the watch is created, and no
   * earlier: one that begins in the past is served in batches every 100 ms.
   */
  Watch.Watcher watch(ByteSequence key, Watch.Listener listener) {
    return current().getWatchClient().watch(key, DELETIONS.build(), listener);
  }

  private <T> CompletableFuture<T> call(Function<Client, CompletableFuture<T>> request) {
    try {
      Client present = current();
      begun(present);
      return request.apply(present).whenComplete((answer, failure) -> ended(present, failure));
    } catch (RuntimeException e) { // a client that was closed meanwhile
      return CompletableFuture.failedFuture(e);
    }
  }

  private synchronized void begun(Client by) {
    if (by == client && due++ == 0) {
      lastAnswer = ticker.read();
      failing = false;
    }
  }

  private void ended(Client by, @Nullable Throwable failure) {
    boolean login = failure != null && EtcdFailures.isLogin(failure);
    boolean unreachable = failure != null && EtcdFailures.isUnreachable(failure);
    synchronized (this) {
      if (by != client) {
        return;
      }
      due--;
      if (!login && !unreachable) {
        lastAnswer = ticker.read();
        failing = false;
      } else if (!failing) {
        failing = true;
        lastAnswer = login ? ticker.read() - FAILING : ticker.read();
      }
    }
  }

  private Client current() {
    Client old = null;
    try {
      synchronized (this) {
        if (closed) {
          throw new IllegalStateException("the lock client is closed");
        }
        if (client != null && !isStuck(ticker.read())) {
          return client;
        }
        if (opener == null) {
          throw new IllegalStateException("no client");
        }
        old = client;
        Client opened = opener.get();
        client = opened;
        openedAt = ticker.read();
        due = 0;
        failing = false;
        return opened;
      }
    } finally {
      if (old != null) {
        workers.execute(old::close);
      }
    }
  }

  private boolean isStuck(long now) {
    if (opener == null || now - openedAt < FAILING) {
      return false;
    }
    return failing ? now - lastAnswer >= FAILING : due > 0 && now - lastAnswer >= SILENCE;
  }

  /** Closes the client if it is our own. May block for a moment. */
  void close() {
    Client last;
    synchronized (this) {
      closed = true;
      last = opener == null ? null : client;
    }
    if (last != null) {
      last.close();
    }
  }
}
