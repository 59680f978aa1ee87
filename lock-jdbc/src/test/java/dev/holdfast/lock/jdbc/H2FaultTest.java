package dev.holdfast.lock.jdbc;

import dev.holdfast.lock.testkit.net.FaultProxy;
import java.net.InetSocketAddress;

class H2FaultTest extends FaultTests {

  @Override
  FaultProxy proxy() {
    var server = Servers.h2();
    return FaultProxy.to(new InetSocketAddress(server.host(), server.port()));
  }

  @Override
  String url() {
    return Servers.url(Servers.h2());
  }

  @Override
  String url(FaultProxy through) {
    return Servers.url(Servers.h2(), through.address());
  }
}
