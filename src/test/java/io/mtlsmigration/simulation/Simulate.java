// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Runs many histories, on all processors: each of them on one thread, from one seed. */
final class Simulate {

  private final Map<String, Integer> found = new TreeMap<>();
  private final Map<String, Long> example = new TreeMap<>();
  private final Map<String, Integer> reached = new TreeMap<>();
  private long ran;

  /**
   * Seeds from {@code first} on, as many as are wanted or fit into the time; prints how often each
   * phase was reached, and of each invariant that did not hold one history, shrunk.
   *
   * @return invariants that did not hold, and the first seed of each
   */
  static Map<String, Long> many(long first, int count, long seconds) {
    Simulate all = new Simulate();
    long begin = System.nanoTime();
    LongStream.range(first, first + count)
        .parallel()
        .filter(seed -> System.nanoTime() - begin < seconds * 1_000_000_000L)
        .forEach(all::one);
    double took = (System.nanoTime() - begin) / 1e9;
    System.out.printf(
        "%d histories of 24 days from seed %d in %.0f s, %.1f a second%n",
        all.ran, first, took, all.ran / took);
    System.out.println("reached: " + all.reached);
    all.example.forEach(
        (invariant, seed) -> {
          System.out.printf(
              "%n== %s, in %d of them; first in seed %d%n",
              invariant, all.found.get(invariant), seed);
          System.out.println(shrunk(Histories.of(seed), invariant));
        });
    return all.example;
  }

  private void one(long seed) {
    Simulation.Outcome outcome = Simulation.run(Histories.of(seed), false);
    synchronized (this) {
      ran++;
      outcome.reached().forEach((k, v) -> reached.merge(k, v, Integer::sum));
      for (String invariant : outcome.violations().keySet()) {
        found.merge(invariant, 1, Integer::sum);
        example.merge(invariant, seed, Math::min);
      }
    }
  }

  /** What is left of the history, and how it goes: the lines above {@code #} replay it. */
  static String shrunk(List<Happening> history, String invariant) {
    List<Happening> least = Shrinker.shrink(history, invariant);
    List<String> lines = new ArrayList<>();
    least.forEach(h -> lines.add(h.toString()));
    lines.add("#");
    Simulation.run(least, true).story().lines().forEach(line -> lines.add("# " + line));
    return String.join("\n", lines);
  }
}
