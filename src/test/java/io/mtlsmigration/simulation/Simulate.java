package io.mtlsmigration.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Runs many histories: {@code Simulate FIRST COUNT [SECONDS]}; one of them, told: {@code Simulate
 * SEED}; or one that was written down: {@code Simulate FILE}. Ends with 1 when an invariant did not
 * hold, and prints what showed it, shrunk.
 */
public final class Simulate {

  private final Map<String, Integer> found = new TreeMap<>();
  private final Map<String, Long> example = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private long ran;

  private Simulate() {}

  public static void main(String[] args) throws IOException {
    if (args.length == 1) {
      boolean seed = args[0].matches("-?[0-9]+");
      List<Happening> history =
          seed ? Histories.of(Long.parseLong(args[0])) : Happening.parse(Files.readAllLines(Path.of(args[0])));
      Simulation.Outcome outcome = Simulation.run(history, true);
      System.out.println(outcome.story());
      outcome.violations().forEach((name, what) -> System.out.println(name + ": " + what));
      System.exit(outcome.good() ? 0 : 1);
    }
    long seconds = args.length > 2 ? Long.parseLong(args[2]) : Long.MAX_VALUE / 2_000_000_000L;
    boolean good = new Simulate().many(Long.parseLong(args[0]), Integer.parseInt(args[1]), seconds);
    System.exit(good ? 0 : 1);
  }

  private boolean many(long first, int count, long seconds) {
    long begin = System.nanoTime();
    long end = begin + seconds * 1_000_000_000L;
    LongStream.range(first, first + count)
        .parallel()
        .filter(seed -> System.nanoTime() < end)
        .forEach(this::one);
    double took = (System.nanoTime() - begin) / 1e9;
    System.out.printf("%d histories in %.0f s, %.1f a second%n", ran, took, ran / took);
    System.out.println("reached: " + counts);
    example.forEach(
        (invariant, seed) -> {
          System.out.printf("%n== %s, in %d of them; first in seed %d%n", invariant, found.get(invariant), seed);
          System.out.println(shrunk(Histories.of(seed), invariant));
        });
    return found.isEmpty();
  }

  private void one(long seed) {
    Simulation.Outcome outcome;
    try {
      outcome = Simulation.run(Histories.of(seed), false);
    } catch (RuntimeException e) {
      throw new IllegalStateException("seed " + seed, e);
    }
    synchronized (this) {
      ran++;
      outcome.counts().forEach((k, v) -> counts.merge(k, v, Integer::sum));
      for (String invariant : outcome.violations().keySet()) {
        found.merge(invariant, 1, Integer::sum);
        example.merge(invariant, seed, Math::min);
      }
    }
  }

  /** The history that is left, and how it goes. */
  static String shrunk(List<Happening> history, String invariant) {
    List<Happening> least = Shrinker.shrink(history, invariant);
    List<String> lines = new ArrayList<>();
    least.forEach(h -> lines.add(h.toString()));
    lines.add("-- and so it goes:");
    lines.add(Simulation.run(least, true).story());
    return String.join("\n", lines);
  }
}
