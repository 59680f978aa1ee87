package dev.holdfast.lock.examples;

import dev.holdfast.lock.testkit.soak.SoakCommand;

/**
 * The soak of {@code ./soak}: that of the testkit, with the stores that it can start by a word.
 *
 * <p>A stranger's backend needs no program of its own: {@code java -cp ...
 * dev.holdfast.lock.testkit.soak.SoakCommand <uri>}.
 */
public final class Soak {

  private Soak() {}

  /**
   * Runs a soak and exits.
   *
   * @param args see {@code ./soak --help}
   */
  public static void main(String[] args) {
    System.exit(new SoakCommand(System.out, SoakStores.NAMES, SoakStores::start).run(args));
  }
}
