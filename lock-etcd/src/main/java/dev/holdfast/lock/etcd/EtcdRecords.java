package dev.holdfast.lock.etcd;

import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.LockRecords;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The record and the switch: keys of no lease, beside those of the lock. */
final class EtcdRecords implements LockRecords {

  private final Etcd etcd;
  private final EtcdKeys keys;

  EtcdRecords(Etcd etcd, EtcdKeys keys) {
    this.etcd = etcd;
    this.keys = keys;
  }

  @Override
  public CompletionStage<Optional<String>> read(String name) {
    return EtcdBackend.translated(
        etcd.txn(txn -> txn.Then(Ops.get(keys.record(name))))
            .thenApply(answer -> Ops.found(answer, 0).map(kv -> EtcdKeys.text(kv.getValue()))));
  }

  /** A key that was granted stays the oldest for as long as it is there. */
  @Override
  public CompletionStage<Boolean> write(Claim held, String record) {
    if (record.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a record must have at most %d characters, not %d"
              .formatted(MAX_LENGTH, record.length()));
    }
    Place place = Place.of(held);
    long revision = place.revision();
    int slot = place.slot();
    if (revision == 0 || slot < 0) {
      return CompletableFuture.completedFuture(false);
    }
    return EtcdBackend.translated(
        etcd.txn(
                txn ->
                    txn.If(Ops.createdAt(keys.of(held, slot), revision))
                        .Then(Ops.put(keys.record(held.name()), EtcdKeys.bytes(record))))
            .thenApply(answer -> answer.isSucceeded()));
  }

  @Override
  public CompletionStage<Void> setEnabled(String name, boolean enabled) {
    var key = keys.offSwitch(name);
    return EtcdBackend.translated(
        etcd.txn(
                txn ->
                    txn.Then(
                        enabled
                            ? Ops.delete(key)
                            : Ops.put(key, EtcdKeys.bytes("switched off; delete this to undo"))))
            .thenAccept(answer -> {}));
  }
}
