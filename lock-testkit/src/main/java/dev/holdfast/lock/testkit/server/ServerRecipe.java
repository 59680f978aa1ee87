package dev.holdfast.lock.testkit.server;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What {@link ServerProcess} has to know of one kind of server; all the rest is common. A new store
 * is one small class that implements this.
 */
interface ServerRecipe {

  /** A short name for folders and messages, such as {@code postgres}. */
  String name();

  /** Version and source, for {@link TestServer#description}. */
  String description();

  /** Lays out data and configuration, once, before the first start. */
  default void prepare(ServerHome home) throws IOException {}

  /** The command line of a start; the same data and port each time. */
  List<String> command(ServerHome home);

  /** Variables in the environment of the server's process. */
  default Map<String, String> environment() {
    return Map.of();
  }

  /** Whether the server that runs as {@code root} or as a child of it serves clients by now. */
  boolean isHealthy(ServerHome home, long root) throws IOException;

  /** How long a start may take on a machine that is far too busy. */
  default Duration startLimit() {
    return Duration.ofSeconds(30);
  }

  /** The process that takes signals; behind su or runuser it is not the root of the tree. */
  default long pid(ServerHome home, long root) {
    return root;
  }

  /** The signal for a shutdown in good order. */
  default String stopSignal() {
    return "TERM";
  }

  /** Removes what a killed server leaves outside of its folder, such as shared memory. */
  default void sweep(ServerHome home) {}
}
