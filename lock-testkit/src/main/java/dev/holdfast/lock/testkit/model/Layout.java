package dev.holdfast.lock.testkit.model;

/** Cuts the 64 bits of a state into fields, one after another. Not thread-safe. */
public final class Layout {

  private int used;

  /**
   * A field for the numbers from 0 to {@code max}.
   *
   * @param max from 1
   * @throws IllegalStateException when there are no bits left
   */
  public Field field(int max) {
    int bits = Field.bits(max);
    if (used + bits > Long.SIZE) {
      throw new IllegalStateException("a state has no more than 64 bits");
    }
    Field field = new Field(used, max);
    used += bits;
    return field;
  }
}
