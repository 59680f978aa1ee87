package dev.holdfast.lock.benchmarks;

import java.util.List;
import java.util.Optional;

/** All kinds of stores that can be measured. */
final class StoreKinds {

  static final List<StoreKind> ALL =
      List.of(
          new H2Kind(),
          new PostgresKind(),
          new MariaDbKind(),
          new RedisKind(),
          new EtcdKind(),
          new ZooKeeperKind(),
          new PulsarKind(),
          new MemoryKind());

  private StoreKinds() {}

  static Optional<StoreKind> named(String name) {
    return ALL.stream().filter(kind -> kind.name().equals(name)).findFirst();
  }
}
