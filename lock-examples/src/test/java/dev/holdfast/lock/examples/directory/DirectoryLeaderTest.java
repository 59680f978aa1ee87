package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.testkit.contract.LeaderContract;
import dev.holdfast.lock.testkit.contract.LockFixture;
import java.io.IOException;

/** Locks in a directory, under the contract. */
class DirectoryLeaderTest extends LeaderContract {

  @Override
  protected LockFixture openFixture() throws IOException {
    return new DirectoryFixture();
  }
}
