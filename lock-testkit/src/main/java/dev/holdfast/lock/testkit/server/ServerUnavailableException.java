package dev.holdfast.lock.testkit.server;

/** No source has the wanted server; the message says what was tried and what would help. */
public final class ServerUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  ServerUnavailableException(String message) {
    super(message);
  }
}
