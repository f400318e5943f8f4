// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts open streams, and keeps one caller from taking all of them: each has at most half of what
 * the others leave. Thread-safe.
 */
final class StreamShares {

  private final int most;
  private final Map<String, Integer> byCaller = new HashMap<>();
  private int open;

  StreamShares(int most) {
    this.most = most;
  }

  /**
   * Takes a stream, which {@link #give} gives back.
   *
   * @param caller a caller's name; empty where callers are not told apart, which have no share
   * @return null when it is taken; else a sentence that says why it is not
   */
  synchronized @Nullable String take(String caller) {
    if (open >= most) {
      return "There are " + most + " streams already";
    }
    int own = byCaller.getOrDefault(caller, 0);
    int left = most - (open - own);
    if (!caller.isEmpty() && own >= (left + 1) / 2) {
      return "You have "
          + own
          + " streams open already, and others need the rest; close some, or share one among your"
          + " readers";
    }
    byCaller.put(caller, own + 1);
    open++;
    return null;
  }

  synchronized void give(String caller) {
    byCaller.computeIfPresent(caller, (name, own) -> own == 1 ? null : own - 1);
    open--;
  }

  synchronized int open() {
    return open;
  }
}
