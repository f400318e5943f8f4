// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.testing.Draw;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A history of one server that is about one kind of trouble. Small ones run many times as fast as
 * others, and find what they are about far more often.
 */
abstract class SmallHistory {

  final Draw draw;
  private final List<Happening> all = new ArrayList<>();

  SmallHistory(Draw draw) {
    this.draw = draw;
  }

  final List<Happening> history() {
    happens();
    all.sort(Comparator.comparingLong(Happening::at));
    return all;
  }

  abstract void happens();

  final void at(long second, String what) {
    all.add(Happening.of(second, what));
  }

  /** When a step has reached a phase, in {@link Happening#when}'s words. */
  final void when(String when, String what) {
    when(0, when, what);
  }

  final void when(long armed, String when, String what) {
    all.add(Happening.of(armed, when, what));
  }

  /** Perhaps a process dies about when a plan begins; days later all is mended, and it is over. */
  final void ends(long plan) {
    if (draw.percent(30)) {
      long armed = plan + draw.of(20, 90, 300);
      String what = death();
      when(armed, effect(), what);
    }
    at(3 * Happening.DAY, "heal");
    at(5 * Happening.DAY, "close");
  }

  /** What ends a process, or stops it, at some effect of its own. */
  final String death() {
    return draw.of("kill", "kill", "stop " + draw.of(30, 300, 4000), "stop 300 asleep");
  }

  final String effect() {
    return "@" + draw.of("w", "w", "") + draw.between(0, 9);
  }
}
