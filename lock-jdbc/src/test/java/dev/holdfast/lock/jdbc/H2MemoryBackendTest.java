package dev.holdfast.lock.jdbc;

/** H2 inside this JVM. */
class H2MemoryBackendTest extends BackendTests {

  @Override
  String url() {
    return "jdbc:h2:mem:backend;DB_CLOSE_DELAY=-1";
  }
}
