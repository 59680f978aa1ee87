package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.testkit.contract.LockContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import java.io.IOException;

/** Locks in a directory, under the contract. */
class DirectoryLockTest extends LockContract {

  @Override
  protected LockFixture openFixture() throws IOException {
    return new DirectoryFixture();
  }
}
