package dev.holdfast.lock.testkit.server;

/** Where a server for tests may come from, in the order in which the sources are tried. */
public enum ServerSource {
  /** An address in the environment; such a server runs elsewhere and cannot be controlled. */
  ENVIRONMENT("the environment"),
  /** A container, where a Docker engine answers and Testcontainers is on the class path. */
  DOCKER("Docker"),
  /** A program that is installed on this machine. */
  PATH("PATH"),
  /** A program or a Java server that came as a jar and is on the class path. */
  MAVEN("Maven Central");

  private final String text;

  ServerSource(String text) {
    this.text = text;
  }

  @Override
  public String toString() {
    return text;
  }
}
