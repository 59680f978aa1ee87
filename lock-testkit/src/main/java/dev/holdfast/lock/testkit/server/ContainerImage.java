package dev.holdfast.lock.testkit.server;

import java.util.Locale;
import java.util.Optional;

/**
 * Which image a server in a container is made from.
 *
 * <p>By default the official one in a fixed version, so that a run can be repeated. The environment
 * may name another, for a mirror or a build of one's own: {@code HOLDFAST_TEST_IMAGE_REDIS}, or the
 * system property {@code holdfast.test.image.redis}; and so on.
 */
enum ContainerImage {
  POSTGRES("postgres:17-alpine"),
  MARIADB("mariadb:11.8"),
  REDIS("redis:8.2-alpine"),
  ZOOKEEPER("zookeeper:3.9.3"),
  /** No official one under a short name: has to be named, and is not looked for without. */
  ETCD();

  private final Optional<String> usual;

  ContainerImage() {
    usual = Optional.empty();
  }

  ContainerImage(String usual) {
    this.usual = Optional.of(usual);
  }

  /** The image to use, if one is known and an engine answers. */
  Optional<String> find() {
    return chosen().filter(image -> DockerEngine.isAvailable());
  }

  /** What has to be there for this source. */
  String hint() {
    return "start a Docker engine"
        + (usual.isPresent() ? "" : " and set " + variable() + " to an image");
  }

  private Optional<String> chosen() {
    String given = System.getProperty(property(), System.getenv(variable()));
    return given == null || given.isBlank() ? usual : Optional.of(given.strip());
  }

  /** What may name another image. */
  String variable() {
    return "HOLDFAST_TEST_IMAGE_" + name();
  }

  private String property() {
    return "holdfast.test.image." + name().toLowerCase(Locale.ROOT);
  }
}
