package dev.holdfast.lock.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a client calls itself unless the application says otherwise. */
final class HostName {

  private HostName() {}

  /** {@code host/pid}. Asks no name server, which could take seconds. */
  static String ofThisProcess() {
    return host() + "/" + ProcessHandle.current().pid();
  }

  private static String host() {
    String variable = System.getenv().getOrDefault("HOSTNAME", System.getenv("COMPUTERNAME"));
    if (variable != null && !variable.isBlank() && variable.length() <= 150) {
      return variable;
    }
    try {
      String file = Files.readString(Path.of("/etc/hostname")).strip();
      return file.isEmpty() || file.length() > 150 ? "localhost" : file;
    } catch (IOException | RuntimeException e) {
      return "localhost"; // no Linux: HOSTNAME or COMPUTERNAME would have told
    }
  }
}
