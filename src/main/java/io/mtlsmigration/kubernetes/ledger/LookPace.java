// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * The bounds on asking the API server for names that are not known here. Callers that ask for what
 * does not exist, as often as they like, cost it no more than this, and each name one look a
 * second.
 */
final class LookPace {

  private static final int A_SECOND = 10;

  /** Beyond that a slow API server would hold the threads of all other calls. */
  private static final int AT_ONCE = 4;

  private final Clock clock;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final Set<String> names = new HashSet<>();
  private long second = Long.MIN_VALUE;

  LookPace(Clock clock) {
    this.clock = clock;
  }

  /** Looks, unless that would be too much; returns whether it did. */
  boolean look(String name, Runnable look) {
    if (!admit(name) || !places.tryAcquire()) {
      return false;
    }
    try {
      look.run();
      return true;
    } finally {
      places.release();
    }
  }

  private synchronized boolean admit(String name) {
    long now = clock.instant().getEpochSecond();
    if (now != second) {
      second = now;
      names.clear();
    }
    return names.size() < A_SECOND && names.add(name);
  }
}
