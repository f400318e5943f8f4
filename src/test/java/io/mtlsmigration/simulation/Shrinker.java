// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out of a history whatever it can be without and still show the same violation (delta
 * debugging: halves, quarters, and so on, down to single lines).
 */
final class Shrinker {

  private final String invariant;

  private Shrinker(String invariant) {
    this.invariant = invariant;
  }

  static List<Happening> shrink(List<Happening> history, String invariant) {
    Shrinker shrinker = new Shrinker(invariant);
    List<Happening> least = history;
    int part = Math.max(1, least.size() / 2);
    while (true) {
      List<Happening> next = shrinker.pass(least, part);
      boolean smaller = next.size() < least.size();
      least = next;
      if (part == 1 && !smaller) {
        return least;
      }
      part = Math.max(1, smaller ? Math.min(part, least.size() / 2) : part / 2);
    }
  }

  /** Tries once to leave out each part of the given length. */
  private List<Happening> pass(List<Happening> history, int part) {
    List<Happening> least = new ArrayList<>(history);
    for (int from = 0; from < least.size(); ) {
      List<Happening> without = new ArrayList<>(least.subList(0, from));
      least.subList(from, Math.min(least.size(), from + part)).stream()
          .filter(Shrinker::stays)
          .forEach(without::add);
      without.addAll(least.subList(Math.min(least.size(), from + part), least.size()));
      if (without.size() == least.size()) {
        from += part;
        continue;
      }
      if (shows(without)) {
        least = without;
      } else {
        from += part;
      }
    }
    return least;
  }

  /** The end is judged of a world in which all is mended that can be. */
  private static boolean stays(Happening happening) {
    return happening.at() >= 22 * Happening.DAY
        && List.of("heal", "touch").contains(happening.what());
  }

  private boolean shows(List<Happening> history) {
    return Simulation.run(history, false).violations().containsKey(invariant);
  }
}
