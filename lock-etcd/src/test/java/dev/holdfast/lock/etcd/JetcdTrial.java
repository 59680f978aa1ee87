package dev.holdfast.lock.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The same as {@link Trial} with one lock of jetcd's own, as its users would do it: a lease kept
 * alive by jetcd, whose end is told by {@code onCompleted}, or by {@code onError} saying that there
 * is no such lease. Measured for comparison, and never asserted.
 */
final class JetcdTrial implements AutoCloseable {

  private final Client holder;
  private final Client waiter;
  private final long heldUnder;
  private final AtomicLong notice = new AtomicLong();
  private final AtomicLong grant = new AtomicLong();
  private final AtomicInteger errors = new AtomicInteger();
  private volatile boolean closed;

  JetcdTrial(List<String> holderReaches, List<String> waiterReaches, Duration lease)
      throws Exception {
    holder = Client.builder().endpoints(holderReaches.toArray(String[]::new)).build();
    waiter = Client.builder().endpoints(waiterReaches.toArray(String[]::new)).build();
    var name = EtcdKeys.bytes("jetcd-trial" + System.nanoTime());
    heldUnder = grant(holder, lease);
    holder.getLeaseClient().keepAlive(heldUnder, new Ears(true));
    holder.getLockClient().lock(name, heldUnder).get(10, TimeUnit.SECONDS);
    long waitsUnder = grant(waiter, Duration.ofMinutes(5));
    waiter.getLeaseClient().keepAlive(waitsUnder, new Ears(false));
    Thread waits =
        new Thread(
            () -> {
              while (grant.get() == 0 && !closed) {
                try {
                  waiter.getLockClient().lock(name, waitsUnder).get(60, TimeUnit.SECONDS);
                  grant.set(System.nanoTime());
                } catch (Exception e) {
                  Trial.pass(Duration.ofMillis(50)); // and once more
                }
              }
            });
    waits.setDaemon(true);
    waits.start();
  }

  private static long grant(Client client, Duration lease) throws Exception {
    return client.getLeaseClient().grant(lease.toSeconds()).get(10, TimeUnit.SECONDS).getID();
  }

  private final class Ears implements StreamObserver<LeaseKeepAliveResponse> {

    private final boolean ofHolder;

    Ears(boolean ofHolder) {
      this.ofHolder = ofHolder;
    }

    @Override
    public void onNext(LeaseKeepAliveResponse response) {
      // still there
    }

    @Override
    public void onError(Throwable failure) {
      if (ofHolder && String.valueOf(failure.getMessage()).contains("lease not found")) {
        notice.compareAndSet(0, System.nanoTime());
      } else if (ofHolder) {
        errors.incrementAndGet();
      }
    }

    @Override
    public void onCompleted() {
      if (ofHolder) {
        notice.compareAndSet(0, System.nanoTime());
      }
    }
  }

  void report(String fault) {
    String outcome;
    if (grant.get() == 0) {
      outcome = notice.get() == 0 ? "kept" : "told of a loss, nobody was granted yet";
    } else if (notice.get() == 0) {
      outcome = "granted to the next, the holder was told nothing";
    } else {
      long margin = (grant.get() - notice.get()) / 1_000_000;
      outcome = margin > 0 ? "margin=" + margin + " ms" : "told " + -margin + " ms too late";
    }
    System.out.printf(
        "[fault] jetcd's Lock, %s: %s; %d calls of onError that meant nothing%n",
        fault, outcome, errors.get());
  }

  @Override
  public void close() {
    closed = true;
    holder.close();
    waiter.close();
  }
}
