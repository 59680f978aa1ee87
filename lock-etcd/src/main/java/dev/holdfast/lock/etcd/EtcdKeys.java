package dev.holdfast.lock.etcd;

import dev.holdfast.lock.LockHolder;
import dev.holdfast.lock.spi.Claim;
import dev.holdfast.lock.spi.PathNames;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import java.nio.charset.StandardCharsets;

/**
 * Where everything lies: {@code <prefix>/<encoded name>/<client>-<slot>} holds or waits, in the
 * order of creation, as {@code etcdctl lock <prefix>/<encoded name>} and jetcd's {@code Lock} have
 * it.
 *
 * <p>An encoded name has no '/', so no lock lies below another. The switch and the record of a name
 * lie beside its keys, not below: there other tools would take them for somebody who waits. Their
 * endings occur in no encoded name, as a '%' is followed by two digits or by '~' there.
 */
record EtcdKeys(String prefix, String client) {

  /** Well below what etcd takes, and long enough for tools to show the name. */
  private static final int LONGEST_NAME = 400;

  /** A key of ours that nobody ever puts: to ask something of etcd that our role may ask. */
  ByteSequence nothing() {
    return bytes(start() + "%");
  }

  /** Below which all contenders of the name are. */
  ByteSequence contenders(String name) {
    return bytes(lock(name) + "/");
  }

  /** The key of a claim that has this {@linkplain Slots slot}. */
  ByteSequence of(Claim claim, int slot) {
    return bytes(lock(claim.name()) + "/" + client + "-" + Integer.toString(slot, 36));
  }

  /** There while the name is switched off. */
  ByteSequence offSwitch(String name) {
    return bytes(lock(name) + "%off");
  }

  ByteSequence record(String name) {
    return bytes(lock(name) + "%record");
  }

  /** The name as {@code etcdctl lock} wants it. */
  String lock(String name) {
    return start() + PathNames.encode(name, LONGEST_NAME);
  }

  private String start() {
    return prefix.isEmpty() ? "" : prefix + "/";
  }

  /** Who put this key. */
  static LockHolder holder(KeyValue key) {
    return LockHolder.of(description(key), key.getCreateRevision());
  }

  /** Other tools leave the value empty. */
  static String description(KeyValue key) {
    String value = text(key.getValue());
    return value.isEmpty() ? "key " + text(key.getKey()) : value;
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
