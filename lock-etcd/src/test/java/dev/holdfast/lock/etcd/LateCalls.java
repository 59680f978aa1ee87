package dev.holdfast.lock.etcd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds requests of one kind back until the network would deliver them, and loses answers. */
final class LateCalls implements ClientInterceptor {

  private final String method;
  private final List<Late<?, ?>> held = new ArrayList<>();
  private final AtomicInteger unheard = new AtomicInteger();
  private boolean holding;
  private boolean losing;

  LateCalls(String method) {
    this.method = method;
  }

  /** From now on requests wait; {@code loseAnswers} for those that nobody will hear of. */
  synchronized void hold(boolean loseAnswers) {
    holding = true;
    losing = loseAnswers;
  }

  synchronized int held() {
    return held.size();
  }

  /** How many requests were answered, and nobody told. */
  int unheard() {
    return unheard.get();
  }

  /** From now on requests pass; those that wait stay where they are. */
  synchronized void pass() {
    holding = false;
  }

  /** Sends what has waited. */
  void deliver() {
    List<Late<?, ?>> all;
    synchronized (this) {
      holding = false;
      all = new ArrayList<>(held);
      held.clear();
    }
    all.forEach(Late::go);
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> descriptor, CallOptions options, Channel next) {
    ClientCall<Q, A> call = next.newCall(descriptor, options);
    synchronized (this) {
      if (!holding || !descriptor.getFullMethodName().endsWith(method)) {
        return call;
      }
      Late<Q, A> late = new Late<>(call, losing);
      held.add(late);
      return late;
    }
  }

  private final class Late<Q, A> extends SimpleForwardingClientCall<Q, A> {

    private final boolean loses;
    private final List<Runnable> steps = new ArrayList<>();
    private boolean gone;

    Late(ClientCall<Q, A> call, boolean loses) {
      super(call);
      this.loses = loses;
    }

    private void step(Runnable step) {
      synchronized (this) {
        if (!gone) {
          steps.add(step);
          return;
        }
      }
      step.run();
    }

    synchronized void go() {
      gone = true;
      steps.forEach(Runnable::run);
    }

    @Override
    public void start(Listener<A> listener, Metadata headers) {
      Listener<A> ears = loses ? new Deaf<>() : listener;
      step(() -> super.start(ears, headers));
    }

    @Override
    public void request(int messages) {
      step(() -> super.request(messages));
    }

    @Override
    public void sendMessage(Q message) {
      step(() -> super.sendMessage(message));
    }

    @Override
    public void halfClose() {
      step(super::halfClose);
    }
  }

  /** Nobody hears of the answer but the test. */
  private final class Deaf<A> extends ClientCall.Listener<A> {
    @Override
    public void onMessage(A answer) {
      unheard.incrementAndGet();
    }
  }
}
