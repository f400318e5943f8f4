// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one run of the benchmarks, as {@code bench/history} keeps them.
 *
 * @param commit what was measured
 * @param date when, in UTC
 * @param jdk what ran it
 * @param units what the numbers of a benchmark mean
 * @param benchmarks by the name of the benchmark
 */
@JsonPropertyOrder({"commit", "date", "jdk", "units", "benchmarks"})
public record BenchmarkFigures(
    String commit,
    String date,
    String jdk,
    Map<String, String> units,
    Map<String, Figure> benchmarks) {

  public static final Map<String, String> UNITS =
      new TreeMap<>(
          Map.of(
              "allocated", "bytes per operation",
              "busy", "time of the reference, of a clock / its CPU time",
              "ratio", "CPU time of an operation / CPU time of the reference beside it",
              "time", "ms per operation, of a clock"));

  /** A figure is worse when it is more than this many times the last one. */
  private static final double WORSE = 1.2;

  /** Where the reference waited longer for the CPU, so did the compiler, and ratios are hints. */
  private static final double BUSY = 1.5;

  /** What an operation allocates now and then, as for a log, is no figure of it. */
  private static final double FEW_BYTES = 10_000;

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  /** One benchmark's, each of the iteration that was disturbed least; {@code busy} on average. */
  @JsonPropertyOrder({"time", "ratio", "allocated", "busy"})
  public record Figure(BigDecimal time, BigDecimal ratio, long allocated, BigDecimal busy) {

    public static Figure of(double millis, double ratio, double bytes, double busy) {
      return new Figure(rounded(millis), rounded(ratio), Math.round(bytes), rounded(busy));
    }

    Figure least(Figure other) {
      return new Figure(
          time.min(other.time),
          ratio.min(other.ratio),
          Math.min(allocated, other.allocated),
          busy.min(other.busy));
    }

    boolean hint() {
      return busy.doubleValue() > BUSY;
    }

    List<String> worse(Figure was) {
      List<String> words = new ArrayList<>();
      if (!hint() && !was.hint() && ratio.doubleValue() > was.ratio.doubleValue() * WORSE) {
        words.add("ratio " + was.ratio + " -> " + ratio);
      }
      if ((double) allocated > Math.max((double) was.allocated, FEW_BYTES) * WORSE) {
        words.add(
            String.format(Locale.ROOT, "allocated %,d -> %,d bytes", was.allocated, allocated));
      }
      return words;
    }

    private static BigDecimal rounded(double value) {
      return new BigDecimal(
          new BigDecimal(value).round(new MathContext(3, RoundingMode.HALF_UP)).toPlainString());
    }
  }

  /** Returns the figures of a run that has just ended. */
  public static BenchmarkFigures now(String commit, Map<String, Figure> benchmarks) {
    return new BenchmarkFigures(
        commit,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        Runtime.version().toString(),
        UNITS,
        benchmarks);
  }

  /** Returns these figures with what a second look, at some of them, found to be better. */
  public BenchmarkFigures orBetter(Map<String, Figure> second) {
    Map<String, Figure> best = new TreeMap<>(benchmarks);
    second.forEach((name, figure) -> best.merge(name, figure, Figure::least));
    return new BenchmarkFigures(commit, date, jdk, units, best);
  }

  /**
   * Returns the name of the file of these figures; by name, files are in the order of their dates.
   */
  public String fileName() {
    return date.replaceAll("[-:]", "") + ".json";
  }

  public String json() throws IOException {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
  }

  public static BenchmarkFigures read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), BenchmarkFigures.class);
  }

  /** Returns the newest file of a folder, which need not be there. */
  public static @Nullable Path newest(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .max(Path::compareTo)
          .orElse(null);
    }
  }

  /** Returns what is worse than it was, or no longer there, by the name of its benchmark. */
  public SortedMap<String, String> worseThan(BenchmarkFigures before) {
    SortedMap<String, String> worse = new TreeMap<>();
    before.benchmarks.forEach(
        (name, was) -> {
          Figure is = benchmarks.get(name);
          List<String> words = is == null ? List.of("is not measured any more") : is.worse(was);
          if (!words.isEmpty()) {
            worse.put(name, name + ": " + String.join(", ", words));
          }
        });
    return worse;
  }

  /** Returns all figures as lines for a reader, with their changes. */
  public String table(@Nullable BenchmarkFigures before) {
    StringBuilder lines = new StringBuilder();
    line(lines, "", "ms", "ratio", "", "allocated", "");
    benchmarks.forEach(
        (name, is) -> {
          Figure was = before == null ? null : before.benchmarks.get(name);
          line(
              lines,
              name,
              is.time.toPlainString(),
              (is.hint() ? "~" : "") + is.ratio.toPlainString(),
              was == null ? "" : change(was.ratio.doubleValue(), is.ratio.doubleValue()),
              String.format(Locale.ROOT, "%,d", is.allocated),
              was == null ? "" : change((double) was.allocated, (double) is.allocated));
        });
    if (benchmarks.values().stream().anyMatch(Figure::hint)) {
      lines.append("~ the machine was busy with something else: a hint, which is not compared\n");
    }
    if (before != null) {
      lines.append("changes since ").append(before.commit).append(", ").append(before.date);
      lines.append(before.jdk.equals(jdk) ? "" : ", measured with another JDK: " + before.jdk);
    }
    return lines.toString().stripTrailing();
  }

  private static void line(StringBuilder lines, Object... cells) {
    lines.append("%-52s %9s %9s %6s %14s %6s".formatted(cells).stripTrailing()).append('\n');
  }

  private static String change(double was, double is) {
    return was == 0 ? "" : String.format(Locale.ROOT, "%+.0f%%", (is / was - 1) * 100);
  }
}
