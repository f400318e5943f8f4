// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.util.AbstractList;
import java.util.Collection;
import java.util.RandomAccess;

/** Numbers by step, each of eight bytes: a history has a million of them. */
final class Counts extends AbstractList<Long> implements RandomAccess {

  private final long[] numbers;

  private Counts(long[] numbers) {
    this.numbers = numbers;
  }

  /** Copies numbers, unless they are such already. */
  static Counts of(Collection<Long> numbers) {
    return numbers instanceof Counts own
        ? own
        : new Counts(numbers.stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public Long get(int step) {
    return numbers[step];
  }

  @Override
  public int size() {
    return numbers.length;
  }
}
