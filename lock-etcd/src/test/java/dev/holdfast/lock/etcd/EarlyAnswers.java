package dev.holdfast.lock.etcd;

import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the answers to one client that are older than what its watches have told it: etcd tells
 * watches of a change a moment before it shows the change to readers, a single server too. A waiter
 * that comes in between has to ask again (docs/adr/0012).
 */
final class EarlyAnswers implements ClientInterceptor {

  private final AtomicLong told = new AtomicLong();
  private final AtomicInteger count = new AtomicInteger();

  int count() {
    return count.get();
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<Q, A>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<A>(listener) {
              @Override
              public void onMessage(A answer) {
                hear(answer);
                super.onMessage(answer);
              }
            },
            headers);
      }
    };
  }

  private void hear(Object answer) {
    if (answer instanceof WatchResponse response) {
      response
          .getEventsList()
          .forEach(event -> told.accumulateAndGet(event.getKv().getModRevision(), Math::max));
    } else if (answer instanceof TxnResponse response
        && response.getHeader().getRevision() < told.get()) {
      count.incrementAndGet();
    }
  }
}
