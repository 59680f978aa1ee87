package dev.holdfast.lock.examples.directory;

import dev.holdfast.lock.testkit.contract.LockFixture;
import dev.holdfast.lock.testkit.contract.MarginContract;
import java.io.IOException;

/** Locks in a directory, under the contract. */
class DirectoryMarginTest extends MarginContract {

  @Override
  protected LockFixture openFixture() throws IOException {
    return new DirectoryFixture();
  }
}
