package dev.holdfast.lock.etcd;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;

/**
 * Answers to transactions, and what a watch tells, are taken on the thread that reads them from the
 * network: none of what we do there blocks, and the hop to a thread of gRPC's pool was a seventh of
 * what 32 busy threads cost. Answers about leases may be long, and take the pool as before.
 */
final class HearAtOnce implements ClientInterceptor {

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    String service = String.valueOf(method.getServiceName());
    boolean isShort = service.endsWith(".KV") || service.endsWith(".Watch");
    return next.newCall(
        method, isShort ? options.withExecutor(MoreExecutors.directExecutor()) : options);
  }
}
