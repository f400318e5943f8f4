// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.util.BitSet;

/** Steps of a history, by their index; immutable, a bit for each. */
public final class StepSet {

  public static final StepSet NONE = new StepSet(new BitSet());

  private final BitSet bits;

  private StepSet(BitSet bits) {
    this.bits = bits;
  }

  /** Copies the steps whose bits are set. */
  public static StepSet of(BitSet steps) {
    return new StepSet((BitSet) steps.clone());
  }

  public boolean contains(int step) {
    return bits.get(step);
  }

  /** Returns the steps from one on, counted from there. */
  StepSet since(int cut) {
    return new StepSet(bits.get(cut, Math.max(cut, bits.length())));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StepSet steps && steps.bits.equals(bits);
  }

  @Override
  public int hashCode() {
    return bits.hashCode();
  }

  @Override
  public String toString() {
    return bits.toString();
  }
}
