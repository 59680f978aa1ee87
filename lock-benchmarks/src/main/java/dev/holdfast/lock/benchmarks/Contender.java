package dev.holdfast.lock.benchmarks;

/**
 * A column of the table.
 *
 * @param name its title
 * @param opener opens a subject on a store
 */
record Contender(String name, Opener opener) {

  /** Holdfast, which is the same on every store. */
  static final Contender HOLDFAST = new Contender("Holdfast", HoldfastSubject::new);

  /** The barest lock that the store allows. */
  static Contender limit(Opener opener) {
    return new Contender("limit", opener);
  }

  /** Connects to a store. */
  @FunctionalInterface
  interface Opener {

    /** Opens a subject on the store at {@code uri}, as {@link StoreKind.Server#uri()} gives it. */
    Subject open(String uri) throws Exception;
  }
}
