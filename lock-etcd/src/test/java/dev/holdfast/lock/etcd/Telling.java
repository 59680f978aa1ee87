package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LossReason;
import dev.holdfast.lock.spi.BackendContext;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.HoldSink;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;

/** A context that does something while it is being told of a claim's end. */
final class Telling {

  private Telling() {}

  static BackendContext in(BackendContext context, Runnable whileTold) {
    HoldSink sink =
        new HoldSink() {
          @Override
          public void renewed(Claim claim, Duration validFor, long asOf) {
            context.holds().renewed(claim, validFor, asOf);
          }

          @Override
          public void gone(Claim claim, LossReason reason) {
            whileTold.run();
            context.holds().gone(claim, reason);
          }
        };
    return (BackendContext)
        Proxy.newProxyInstance(
            BackendContext.class.getClassLoader(),
            new Class<?>[] {BackendContext.class},
            (self, method, arguments) -> {
              try {
                return method.getName().equals("holds") ? sink : method.invoke(context, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
