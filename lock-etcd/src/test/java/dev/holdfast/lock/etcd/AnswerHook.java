package dev.holdfast.lock.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Txn;
import io.etcd.jetcd.kv.TxnResponse;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A jetcd client that does something at the very moment at which an answer of a transaction is
 * looked into: the instant between the arrival of an answer and its use.
 */
final class AnswerHook {

  private final AtomicReference<Runnable> hook = new AtomicReference<>();

  private final AtomicReference<CompletableFuture<Void>> gate = new AtomicReference<>();

  /** The answer to the next transaction that is sent comes when the returned one is completed. */
  CompletableFuture<Void> holdNextAnswer() {
    CompletableFuture<Void> arrives = new CompletableFuture<>();
    gate.set(arrives);
    return arrives;
  }

  /** Run once, by whoever looks into the next answer that comes. */
  void onNextAnswer(Runnable what) {
    hook.set(what);
  }

  Client wrap(Client client) {
    return wrapped(
        Client.class,
        client,
        "getKVClient",
        kv -> wrapped(KV.class, (KV) kv, "txn", txn -> wrapped(Txn.class, (Txn) txn)));
  }

  private Txn wrapped(Class<Txn> type, Txn txn) {
    return proxy(
        type,
        (self, method, arguments) -> {
          Object result = invoke(method, txn, arguments);
          return result instanceof CompletableFuture<?> answer
              ? late(answer).thenApply(response -> new Hooked((TxnResponse) response))
              : self;
        });
  }

  private CompletableFuture<?> late(CompletableFuture<?> answer) {
    CompletableFuture<Void> arrives = gate.getAndSet(null);
    return arrives == null ? answer : arrives.thenCompose(unused -> answer);
  }

  /** Replaces what one method returns. */
  private static <T> T wrapped(Class<T> type, T real, String name, Replacement replacement) {
    return proxy(
        type,
        (self, method, arguments) -> {
          Object result = invoke(method, real, arguments);
          return method.getName().equals(name) ? replacement.of(result) : result;
        });
  }

  private interface Replacement {
    Object of(Object real);
  }

  private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object invoke(Method method, Object real, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private final class Hooked extends TxnResponse {

    Hooked(TxnResponse real) {
      super(message(real), ByteSequence.EMPTY);
    }

    @Override
    public Header getHeader() {
      Runnable what = hook.getAndSet(null);
      if (what != null) {
        what.run();
      }
      return super.getHeader();
    }
  }

  private static io.etcd.jetcd.api.TxnResponse message(TxnResponse real) {
    try {
      var getter = io.etcd.jetcd.impl.AbstractResponse.class.getDeclaredMethod("getResponse");
      getter.setAccessible(true);
      return (io.etcd.jetcd.api.TxnResponse) getter.invoke(real);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
