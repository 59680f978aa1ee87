package dev.holdfast.lock.jdbc;

/** H2 in a process of its own. */
class H2ServerBackendTest extends BackendTests {

  @Override
  String url() {
    return Servers.url(Servers.h2());
  }

  /** Over TCP, and one thread per connection over there. */
  @Override
  int rounds() {
    return 20;
  }
}
