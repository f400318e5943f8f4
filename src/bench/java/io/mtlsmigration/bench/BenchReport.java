// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.bench;

import io.mtlsmigration.testing.BenchmarkFigures;
import io.mtlsmigration.testing.BenchmarkFigures.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * A quick form of the benchmarks, as ratios to what the machine needed for a reference beside them,
 * and as bytes allocated; compared with those that are kept (ADR 43). It reports, and fails for
 * nothing that is slow.
 */
public final class BenchReport {

  private static final List<String> BENCHMARKS =
      List.of(
          "ResolveBenchmark",
          "ViewsBenchmark\\.(change|gauges|mesh|plan)$",
          "DecisionBenchmark",
          "ImpactBenchmark",
          "WorklistBenchmark");

  /**
   * As the service is shipped: one core and a gigabyte make the JVM choose the serial collector.
   */
  private static final String[] JVM = {"-XX:+UseSerialGC", "-Xms2g", "-Xmx2g"};

  private BenchReport() {}

  /**
   * Arguments: the folder of what is kept, the folder to write to, and the commit that is measured.
   */
  public static void main(String[] args) throws IOException, RunnerException {
    Path last = BenchmarkFigures.newest(Path.of(args[0]));
    Path out = Files.createDirectories(Path.of(args[1]));
    BenchmarkFigures before = last == null ? null : BenchmarkFigures.read(last);
    BenchmarkFigures now = BenchmarkFigures.now(args[2], measure(BENCHMARKS));
    Set<String> doubtful = before == null ? Set.of() : now.worseThan(before).keySet();
    if (doubtful.stream().anyMatch(now.benchmarks()::containsKey)) {
      System.out.println("once more, because they seem to be worse: " + doubtful);
      now = now.orBetter(measure(doubtful.stream().map(BenchReport::pattern).toList()));
    }
    Path file = Files.writeString(out.resolve(now.fileName()), now.json());
    System.out.printf("%n%s%n%nwritten to %s%n", now.table(before), file);
    Collection<String> worse = before == null ? List.of() : now.worseThan(before).values();
    Files.write(out.resolve("worse"), worse);
    if (!worse.isEmpty()) {
      System.out.printf("%nWORSE by more than a fifth than %s:%n", last);
      worse.forEach(line -> System.out.println("  " + line));
    }
  }

  private static Map<String, Figure> measure(List<String> benchmarks) throws RunnerException {
    OptionsBuilder options = new OptionsBuilder();
    benchmarks.forEach(options::include);
    options
        .param("namespaces", "10000")
        .forks(2)
        .warmupIterations(4)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(3)
        .measurementTime(TimeValue.seconds(1))
        .timeUnit(TimeUnit.MILLISECONDS)
        .jvmArgsAppend(JVM)
        // The first begins before the others and ends after them: its time is nobody else's.
        .addProfiler(ReferenceProfiler.class)
        .addProfiler(GCProfiler.class);
    Map<String, Figure> figures = new TreeMap<>();
    for (RunResult result : new Runner(options.build()).run()) {
      figures.put(name(result.getParams()), figure(result));
    }
    return figures;
  }

  /** What selects a benchmark by the name that {@link #name} gives it. */
  private static String pattern(String name) {
    return Pattern.quote("." + name.split(" ", 2)[0]) + "$";
  }

  private static String name(BenchmarkParams params) {
    String[] parts = params.getBenchmark().split("\\.", -1);
    StringBuilder name = new StringBuilder(parts[parts.length - 2] + "." + parts[parts.length - 1]);
    for (String key : params.getParamsKeys()) {
      if (!key.equals("namespaces")) {
        name.append(' ').append(params.getParam(key));
      }
    }
    return name.toString();
  }

  private static Figure figure(RunResult result) {
    return Figure.of(
        least(result, one -> one.getPrimaryResult().getScore()),
        least(result, one -> secondary(one, ReferenceProfiler.RATIO)),
        least(result, one -> secondary(one, "gc.alloc.rate.norm")),
        result.getSecondaryResults().get(ReferenceProfiler.BUSY).getScore());
  }

  private static double secondary(IterationResult one, String name) {
    return one.getSecondaryResults().get(name).getScore();
  }

  /** That of the iteration that was disturbed least: other processes and the compiler only add. */
  private static double least(RunResult result, ToDoubleFunction<IterationResult> value) {
    return result.getBenchmarkResults().stream()
        .flatMap(fork -> fork.getIterationResults().stream())
        .mapToDouble(value)
        .min()
        .orElseThrow();
  }
}
