// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Pauses between attempts. They double up to a limit and are jittered, so that the kinds and the
 * replicas do not all return at once.
 */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(250);

  private int failures;

  /** Returns the next pause, at most {@code limit}. */
  Duration next(Duration limit) {
    Duration doubled = FIRST.multipliedBy(1L << Math.min(failures, 20));
    failures++;
    Duration pause = doubled.compareTo(limit) < 0 ? doubled : limit;
    return pause.multipliedBy(ThreadLocalRandom.current().nextLong(50, 101)).dividedBy(100);
  }

  void reset() {
    failures = 0;
  }
}
