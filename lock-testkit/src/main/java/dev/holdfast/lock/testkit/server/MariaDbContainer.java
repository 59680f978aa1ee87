package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.util.Map;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.images.builder.Transferable;

/**
 * MariaDB in a container, from any image that has its programs: the data are laid out as {@link
 * MariaDbRecipe} does it, since the official image's own way starts a second server for it.
 */
record MariaDbContainer(String image, Map<String, String> settings) implements ContainerRecipe {

  private static final int PORT = 3306;
  private static final String DATA = "/var/lib/holdfast";
  private static final String INIT = "/holdfast-init.sql";

  @Override
  public int port() {
    return PORT;
  }

  @Override
  public void prepare(GenericContainer<?> container) {
    String install =
        "mariadb-install-db --no-defaults --user=mysql --datadir=%s %s"
            .formatted(DATA, String.join(" ", MariaDbRecipe.INSTALL));
    StringBuilder server = new StringBuilder("exec mariadbd --no-defaults --user=mysql");
    server.append(" --datadir=").append(DATA).append(" --init-file=").append(INIT);
    server.append(" --bind-address=0.0.0.0 --port=").append(PORT);
    server.append(" --socket=/tmp/holdfast.sock --pid-file=").append(DATA).append("/pid");
    server.append(" --skip-log-bin --skip-name-resolve");
    settings.forEach((name, value) -> server.append(" --%s=%s".formatted(name, value)));
    container
        .withCopyToContainer(Transferable.of(MariaDbRecipe.INIT_SQL), INIT)
        .withCommand("sh", "-c", "test -d %s/mysql || %s && %s".formatted(DATA, install, server));
  }

  /** With a login, since a connection without one leaves a warning where tests look for those. */
  @Override
  public boolean isHealthy(DockerServer server) throws IOException {
    return server.run(
        "mariadb-admin",
        "--no-defaults",
        "--protocol=tcp",
        "--host=127.0.0.1",
        "--port=" + PORT,
        "--user=" + MariaDbServer.USER,
        "--password=" + MariaDbServer.PASSWORD,
        "ping");
  }
}
