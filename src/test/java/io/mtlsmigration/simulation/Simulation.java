// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import java.util.List;
import java.util.Map;

/** Runs one history to its end, and says what it has shown. */
final class Simulation {

  /** A history's length, in seconds, unless one of its lines is {@code close}. */
  static final long LENGTH = 24 * Happening.DAY;

  private Simulation() {}

  /**
   * What has become of a history.
   *
   * @param violations of invariants, the first of each
   */
  record Outcome(Map<String, String> violations, String story, Map<String, Integer> reached) {
    boolean good() {
      return violations.isEmpty();
    }
  }

  static Outcome run(List<Happening> history, boolean told) {
    World world = new World(new Story(told));
    world.happen(history);
    world.run(
        history.stream()
            .filter(one -> one.words().getFirst().equals("close"))
            .mapToLong(Happening::at)
            .findFirst()
            .orElse(LENGTH));
    // Whoever stood still until then, and longer, has done something that nobody has looked at yet.
    // Ticks are sparse by then: rounds of probes come to everybody again.
    for (int i = 0; i < 10; i++) {
      world.wake();
      world.run(world.now() + 30);
    }
    world.judge.end();
    return new Outcome(world.judge.violations, world.story.toString(), world.counts);
  }
}
