package io.mtlsmigration.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/** Draws from one seed: the same seed always draws the same, on every machine. */
public final class Draw {

  private final RandomGenerator random;

  public Draw(long seed) {
    // SplittableRandom's sequence is specified by its algorithm; seeds that are neighbours do not
    // draw alike.
    random = new java.util.SplittableRandom(seed);
  }

  /** Both inclusive. */
  public int between(int from, int to) {
    return from + random.nextInt(to - from + 1);
  }

  /** From inclusive, to exclusive. */
  public long between(long from, long to) {
    return from + random.nextLong(to - from);
  }

  /** True so often in a hundred. */
  public boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  public boolean coin() {
    return random.nextBoolean();
  }

  @SafeVarargs
  public final <T> T of(T... choices) {
    return choices[random.nextInt(choices.length)];
  }

  public <T> T of(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
