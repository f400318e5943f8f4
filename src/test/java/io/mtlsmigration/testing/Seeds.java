// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

/**
 * Properties: what holds for everything that can be drawn. The same seeds each time, so that main
 * does not turn red without a change. {@code -Dproperty.seed=N} looks at one seed alone.
 */
public final class Seeds {

  private Seeds() {}

  /** Shows that something holds for what is drawn, or throws. */
  @FunctionalInterface
  public interface Property {
    void holds(Draw draw) throws Exception;
  }

  /** Shows a property for seeds from 1 on; the one it fails for is in the error. */
  public static void each(int count, Property property) {
    Long only = Long.getLong("property.seed");
    if (only != null) {
      one(only, property);
      return;
    }
    for (long seed = 1; seed <= count; seed++) {
      one(seed, property);
    }
  }

  private static void one(long seed, Property property) {
    try {
      property.holds(new Draw(seed));
    } catch (Exception | AssertionError | StackOverflowError e) {
      throw new AssertionError("-Dproperty.seed=" + seed + " fails: " + e.getMessage(), e);
    }
  }
}
