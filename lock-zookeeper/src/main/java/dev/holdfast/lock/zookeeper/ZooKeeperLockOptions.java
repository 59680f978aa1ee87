package dev.holdfast.lock.zookeeper;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.common.PathUtils;
import org.apache.zookeeper.data.ACL;

/**
 * How locks are kept in ZooKeeper. The defaults are safe without reading.
 *
 * @param root below which everything lies, below the chroot or the framework's namespace. Default
 *     {@code /holdfast}. All clients that compete must name the same one
 * @param digest {@code user:password} for the digest scheme, of a connection opened for a URI; an
 *     application's framework has its own credentials. Default: none
 * @param acl who may do what with the nodes that are created. Default: everything to those with the
 *     credentials of {@code digest}; to everybody where there are none
 * @param clientProperties for ZooKeeper's client, of a connection opened for a URI: {@code
 *     zookeeper.client.secure}, {@code zookeeper.ssl.trustStore.location} and others. Default: none
 */
public record ZooKeeperLockOptions(
    String root,
    Optional<String> digest,
    Optional<List<ACL>> acl,
    Map<String, String> clientProperties) {

  /**
   * Refuses what cannot work.
   *
   * @throws IllegalArgumentException if the root is no absolute path, the digest has no colon, or
   *     the ACL is empty
   */
  public ZooKeeperLockOptions {
    PathUtils.validatePath(root);
    if (root.equals("/")) {
      throw new IllegalArgumentException("root must name a node, such as /holdfast");
    }
    if (digest.isPresent() && digest.get().indexOf(':') <= 0) {
      throw new IllegalArgumentException("digest must be user:password");
    }
    if (acl.isPresent() && acl.get().isEmpty()) {
      throw new IllegalArgumentException("acl must give somebody a right");
    }
    acl = acl.map(List::copyOf);
    clientProperties = Map.copyOf(clientProperties);
  }

  /** Everything at its default. */
  public static ZooKeeperLockOptions defaults() {
    return builder().build();
  }

  /** A builder with everything at its default. */
  public static Builder builder() {
    return new Builder();
  }

  List<ACL> effectiveAcl() {
    return acl.orElse(digest.isPresent() ? Ids.CREATOR_ALL_ACL : Ids.OPEN_ACL_UNSAFE);
  }

  /** A builder with everything as it is here. */
  Builder change() {
    Builder builder = builder();
    builder.root = root;
    builder.digest = digest;
    builder.acl = acl;
    builder.clientProperties.putAll(clientProperties);
    return builder;
  }

  /** Without the password. */
  @Override
  public String toString() {
    return "ZooKeeperLockOptions[root=%s, digest=%s, acl=%s, clientProperties=%s]"
        .formatted(root, digest.isPresent() ? "***" : "none", acl, clientProperties.keySet());
  }

  /** Sets what a {@link ZooKeeperLockOptions} holds. Not thread-safe. */
  public static final class Builder {

    private String root = "/holdfast";
    private Optional<String> digest = Optional.empty();
    private Optional<List<ACL>> acl = Optional.empty();
    private final Map<String, String> clientProperties = new TreeMap<>();

    private Builder() {}

    /** See {@link ZooKeeperLockOptions#root()}. */
    public Builder root(String value) {
      root = value;
      return this;
    }

    /** See {@link ZooKeeperLockOptions#digest()}. */
    public Builder digest(String userAndPassword) {
      digest = Optional.of(userAndPassword);
      return this;
    }

    /** See {@link ZooKeeperLockOptions#acl()}. */
    public Builder acl(List<ACL> value) {
      acl = Optional.of(value);
      return this;
    }

    /** See {@link ZooKeeperLockOptions#clientProperties()}. */
    public Builder clientProperty(String key, String value) {
      clientProperties.put(key, value);
      return this;
    }

    /**
     * The options as set so far.
     *
     * @throws IllegalArgumentException if one of them cannot work
     */
    public ZooKeeperLockOptions build() {
      return new ZooKeeperLockOptions(root, digest, acl, clientProperties);
    }
  }
}
