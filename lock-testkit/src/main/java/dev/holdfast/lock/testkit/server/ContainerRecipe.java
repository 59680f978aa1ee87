package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import org.testcontainers.containers.GenericContainer;

/**
 * What {@link DockerServer} has to know of one kind of server; what {@link ServerRecipe} is for a
 * process.
 */
interface ContainerRecipe {

  /** The name of the image, with its tag. */
  String image();

  /** Where the server listens inside of the container, on all its addresses. */
  int port();

  /** Gives the container its command, files and variables, once, before the first start. */
  void prepare(GenericContainer<?> container);

  /** Whether the server serves clients by now. */
  boolean isHealthy(DockerServer server) throws IOException;
}
