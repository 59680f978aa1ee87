package dev.holdfast.lock.testkit.model;

/**
 * A number from 0 to {@code max} inside a state. Made by {@link Layout#field}.
 *
 * @param shift the lowest of its bits
 * @param max its largest value
 */
public record Field(int shift, int max) {

  private long mask() {
    return (1L << bits(max)) - 1;
  }

  static int bits(int max) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(max);
  }

  /** Its value in {@code state}. */
  public int of(long state) {
    return (int) ((state >>> shift) & mask());
  }

  /**
   * The same state, with another value here.
   *
   * @throws IllegalArgumentException if {@code value} is not within 0 to {@link #max}: a model that
   *     has not been thought to its end
   */
  public long set(long state, int value) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(value + " is not within 0 to " + max);
    }
    return (state & ~(mask() << shift)) | ((long) value << shift);
  }

  /** The same state, with one less here; zero stays zero. */
  public long down(long state) {
    return set(state, Math.max(0, of(state) - 1));
  }

  /** The same state, with one more here; {@link #max} stays what it is. */
  public long up(long state) {
    return set(state, Math.min(max, of(state) + 1));
  }
}
