package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.net.FaultProxy;

/** The same by MySQL's driver. */
class MySqlDriverFaultTest extends MariaDbFaultTest {

  @Override
  String url() {
    return Servers.mysqlUrl(Servers.mariaDb());
  }

  @Override
  String url(FaultProxy through) {
    return Servers.mysqlUrl(Servers.mariaDb(), through.address());
  }
}
