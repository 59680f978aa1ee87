package dev.holdfast.lock.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.GetOption.SortOrder;
import io.etcd.jetcd.options.GetOption.SortTarget;
import io.etcd.jetcd.options.PutOption;
import java.util.List;
import java.util.Optional;

/** The parts of our transactions. */
final class Ops {

  private static final GetOption PLAIN = GetOption.DEFAULT;
  private static final GetOption KEY_ONLY = keyOnly(false);
  private static final GetOption KEY_ONLY_OF_ANY = keyOnly(true);

  private Ops() {}

  private static GetOption keyOnly(boolean atAnyServer) {
    return GetOption.builder().withKeysOnly(true).withSerializable(atAnyServer).build();
  }

  static Cmp absent(ByteSequence key) {
    return createdAt(key, 0);
  }

  static Cmp createdAt(ByteSequence key, long revision) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
  }

  static Op put(ByteSequence key, ByteSequence value, Session session) {
    return Op.put(key, value, PutOption.builder().withLeaseId(session.id()).build());
  }

  static Op put(ByteSequence key, ByteSequence value) {
    return Op.put(key, value, PutOption.DEFAULT);
  }

  static Op delete(ByteSequence key) {
    return Op.delete(key, DeleteOption.DEFAULT);
  }

  static Op get(ByteSequence key) {
    return Op.get(key, PLAIN);
  }

  /** The key without its value. */
  static Op exists(ByteSequence key) {
    return exists(key, false);
  }

  /** The key without its value; {@code atAnyServer} as far as the server that is asked knows. */
  static Op exists(ByteSequence key, boolean atAnyServer) {
    return Op.get(key, atAnyServer ? KEY_ONLY_OF_ANY : KEY_ONLY);
  }

  /** Who holds the lock: the oldest of all contenders. */
  static Op oldest(ByteSequence contenders) {
    return Op.get(contenders, inOrder(SortOrder.ASCEND).withLimit(1).build());
  }

  /** The last of all contenders. */
  static Op last(ByteSequence contenders) {
    return Op.get(contenders, inOrder(SortOrder.DESCEND).withLimit(1).build());
  }

  /** The last of those that came before {@code revision}. */
  static Op before(ByteSequence contenders, long revision, boolean atAnyServer) {
    return Op.get(
        contenders,
        inOrder(SortOrder.DESCEND)
            .withMaxCreateRevision(revision - 1)
            .withLimit(1)
            .withSerializable(atAnyServer)
            .build());
  }

  /** Everybody, in order. */
  static Op all(ByteSequence contenders) {
    return Op.get(contenders, inOrder(SortOrder.ASCEND).build());
  }

  private static GetOption.Builder inOrder(SortOrder order) {
    return GetOption.builder().isPrefix(true).withSortField(SortTarget.CREATE).withSortOrder(order);
  }

  /** What the {@code index}-th read of a transaction found first. */
  static Optional<KeyValue> found(TxnResponse answer, int index) {
    List<KeyValue> found = answer.getGetResponses().get(index).getKvs();
    return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
  }
}
