package dev.holdfast.lock.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.util.concurrent.MoreExecutors;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.util.concurrent.ExecutionException;

/**
 * The barest lock in etcd: one transaction puts a key that is not there, under a lease, another
 * deletes it. The client sends on the caller's thread and hears on the one that reads from the
 * network, as that of Holdfast does. It renews nothing, tells nothing, and waits by asking again.
 */
final class EtcdLimit implements Subject {

  private static final long LEASE_SECONDS = 600;

  private final Client client;
  private final PutOption underLease;

  EtcdLimit(String endpoint) throws ExecutionException, InterruptedException {
    client =
        Client.builder()
            .endpoints(endpoint)
            .waitForReady(false)
            .executorService(MoreExecutors.newDirectExecutorService())
            .interceptor(new HearAtOnce())
            .build();
    long lease = client.getLeaseClient().grant(LEASE_SECONDS).get().getID();
    underLease = PutOption.builder().withLeaseId(lease).build();
  }

  @Override
  public Held acquire(String lock) throws Exception {
    ByteSequence key = ByteSequence.from("limit/" + lock, UTF_8);
    while (true) {
      TxnResponse taken =
          client
              .getKVClient()
              .txn()
              .If(created(key, 0))
              .Then(Op.put(key, ByteSequence.EMPTY, underLease))
              .commit()
              .get();
      if (taken.isSucceeded()) {
        return () -> release(key, taken.getHeader().getRevision());
      }
      Polling.pause();
    }
  }

  private boolean release(ByteSequence key, long revision) throws Exception {
    return client
        .getKVClient()
        .txn()
        .If(created(key, revision))
        .Then(Op.delete(key, DeleteOption.DEFAULT))
        .commit()
        .get()
        .isSucceeded();
  }

  private static Cmp created(ByteSequence key, long revision) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
  }

  @Override
  public void close() {
    client.close();
  }

  private static final class HearAtOnce implements ClientInterceptor {
    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return next.newCall(method, options.withExecutor(MoreExecutors.directExecutor()));
    }
  }
}
