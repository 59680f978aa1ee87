package dev.holdfast.lock.zookeeper;

import dev.holdfast.lock.spi.PathNames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Where everything is: {@code <base>/locks/<encoded name>/_c_<uuid>-lock-<sequence>}, as Curator's
 * InterProcessMutex names its nodes, and {@code <base>/clients/<session>-<client>}, the beacons.
 *
 * @param chroot persistent, not ours to clean up: empty, or {@code /a/b}
 * @param base with the chroot and the root of the options
 */
record Layout(String chroot, String base) {

  /** No limit of ZooKeeper's, but of all that people use to look at it. */
  private static final int LONGEST_NAME = 255;

  static final String SWITCH = "disabled";
  static final String RECORD = "record";
  private static final String LOCK = "-lock-";
  private static final String ZEROS = "0".repeat(10);

  static Layout of(String chroot, String root) {
    return new Layout(chroot, chroot + root);
  }

  String locks() {
    return base + "/locks";
  }

  String clients() {
    return base + "/clients";
  }

  /** The directory of a lock. */
  String directory(String name) {
    return locks() + '/' + PathNames.encode(name, LONGEST_NAME);
  }

  /**
   * What the node of a claim's attempt starts with. A new one for every session: the node of the
   * session before may be listed for some time yet, and is none of this one's.
   */
  static String prefix(String claimId, int attempt) {
    byte[] id = (claimId + '/' + attempt).getBytes(StandardCharsets.UTF_8);
    return "_c_" + UUID.nameUUIDFromBytes(id) + LOCK;
  }

  /** As ZooKeeper writes sequence numbers, the negative ones after 2^31 nodes included. */
  static String sequence(int number) {
    String digits = Integer.toString(number);
    String sign = number < 0 ? "-" : "";
    return sign
        + ZEROS.substring(Math.min(ZEROS.length(), digits.length()))
        + digits.substring(sign.length());
  }

  /** The directories that {@code path} stands in, from the chroot's first part on, itself last. */
  List<String> chain(String path) {
    List<String> chain = new ArrayList<>();
    for (int i = path.indexOf('/', 1); i > 0; i = path.indexOf('/', i + 1)) {
      chain.add(path.substring(0, i));
    }
    chain.add(path);
    return chain;
  }

  /** Whether {@code path} is a part of the chroot, which stays when all locks are gone. */
  boolean isPersistent(String path) {
    return path.length() <= chroot.length();
  }
}
