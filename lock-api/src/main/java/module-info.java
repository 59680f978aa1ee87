/** Distributed locks and leader election: the API, the engine, and the SPI for backends. */
module dev.holdfast.lock {
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports dev.holdfast.lock;
  exports dev.holdfast.lock.spi;

  uses dev.holdfast.lock.spi.LockBackendProvider;
}
