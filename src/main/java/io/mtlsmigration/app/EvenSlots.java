// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;

/** Slots that are shared evenly: the next one goes to the namespace that waits and has fewest. */
final class EvenSlots {

  private final Map<String, Queue<CountDownLatch>> waiting = new LinkedHashMap<>();
  private final Map<String, Integer> taken = new HashMap<>();
  private int free;

  EvenSlots(int slots) {
    this.free = slots;
  }

  void acquire(String namespace) throws InterruptedException {
    CountDownLatch turn = new CountDownLatch(1);
    wait(namespace, turn);
    try {
      turn.await();
    } catch (InterruptedException e) {
      giveUp(namespace, turn);
      throw e;
    }
  }

  synchronized void release(String namespace) {
    taken.computeIfPresent(namespace, (n, count) -> count == 1 ? null : count - 1);
    free++;
    next();
  }

  private synchronized void wait(String namespace, CountDownLatch turn) {
    waiting.computeIfAbsent(namespace, n -> new ArrayDeque<>()).add(turn);
    next();
  }

  private synchronized void giveUp(String namespace, CountDownLatch turn) {
    if (turn.getCount() == 0) {
      release(namespace);
      return;
    }
    waiting.computeIfPresent(
        namespace, (n, turns) -> turns.remove(turn) && turns.isEmpty() ? null : turns);
  }

  private void next() {
    while (free > 0 && !waiting.isEmpty()) {
      Map.Entry<String, Queue<CountDownLatch>> fewest =
          Collections.min(
              waiting.entrySet(),
              Comparator.comparingInt(one -> taken.getOrDefault(one.getKey(), 0)));
      String namespace = fewest.getKey();
      Queue<CountDownLatch> turns = fewest.getValue();
      turns.remove().countDown();
      if (turns.isEmpty()) {
        waiting.remove(namespace);
      }
      taken.merge(namespace, 1, Integer::sum);
      free--;
    }
  }
}
