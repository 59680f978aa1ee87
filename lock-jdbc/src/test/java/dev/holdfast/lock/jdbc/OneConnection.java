package dev.holdfast.lock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A pool of one connection, which waits up to 30 s for it as pools do. */
final class OneConnection extends DirectDataSource {

  final AtomicInteger open = new AtomicInteger();
  private final Connection connection;
  private final Semaphore there = new Semaphore(1);

  OneConnection(Connection connection) {
    super("");
    this.connection = connection;
  }

  @Override
  public Connection getConnection() throws SQLException {
    try {
      if (!there.tryAcquire(30, TimeUnit.SECONDS)) {
        throw new SQLTransientConnectionException("pool exhausted");
      }
    } catch (InterruptedException e) {
      throw new SQLException(e);
    }
    open.incrementAndGet();
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                open.decrementAndGet();
                there.release();
                return null;
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
