package io.mtlsmigration.simulation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Quick loop. */
final class Simulate {
  private Simulate() {}

  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    int count = Integer.parseInt(args[1]);
    if (count == 1) {
      Simulation.Outcome outcome = Simulation.run(Histories.of(first), true);
      System.out.println(outcome.story());
      System.out.println(outcome.violations() + " " + outcome.counts());
      return;
    }
    Map<String, Integer> found = new TreeMap<>();
    Map<String, Long> example = new TreeMap<>();
    Map<String, Integer> counts = new TreeMap<>();
    long begin = System.nanoTime();
    for (long seed = first; seed < first + count; seed++) {
      Simulation.Outcome outcome;
      try {
        outcome = Simulation.run(Histories.of(seed), false);
      } catch (RuntimeException e) {
        throw new IllegalStateException("seed " + seed, e);
      }
      for (Map.Entry<String, String> one : outcome.violations().entrySet()) {
        found.merge(one.getKey(), 1, Integer::sum);
        if (example.putIfAbsent(one.getKey(), seed) == null) {
          System.out.println(seed + " " + one);
        }
      }
      outcome.counts().forEach((k, v) -> counts.merge(k, v, Integer::sum));
    }
    System.out.println(found + "\n" + counts);
    System.out.printf("%.1f seeds/s%n", count * 1e9 / (System.nanoTime() - begin));
  }
}
