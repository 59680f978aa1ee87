package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.ProcessContract;
import java.io.IOException;

/** Locks in a directory, under the contract. */
class DirectoryProcessTest extends ProcessContract {

  @Override
  protected LockFixture openFixture() throws IOException {
    return new DirectoryFixture();
  }
}
