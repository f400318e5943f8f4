// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import java.time.Clock;

/**
 * How often the API server is asked for a name that is not known here. Whoever asks for what does
 * not exist, as often as it likes, costs it no more than this.
 */
final class LookPace {

  private static final int A_SECOND = 10;

  private final Clock clock;
  private long second = Long.MIN_VALUE;
  private int left;

  LookPace(Clock clock) {
    this.clock = clock;
  }

  synchronized boolean admit() {
    long now = clock.instant().getEpochSecond();
    if (now != second) {
      second = now;
      left = A_SECOND;
    }
    return left-- > 0;
  }
}
