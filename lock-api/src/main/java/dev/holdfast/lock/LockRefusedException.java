package dev.holdfast.lock;

/** An operator has switched this lock off. Trying again is of no use until it is switched on. */
public final class LockRefusedException extends LockException {

  private static final long serialVersionUID = 1L;

  /** Made by the engine. */
  public LockRefusedException(String lockName, String backend, String reason) {
    super(
        "lock '%s' (%s) is refused: %s".formatted(lockName, backend, reason),
        null,
        lockName,
        backend);
  }
}
