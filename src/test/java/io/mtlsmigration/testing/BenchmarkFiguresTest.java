// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.BenchmarkFigures.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkFiguresTest {

  private static final Path HISTORY = Path.of("bench/history");

  @Test
  void tellsWhatIsWorseByMoreThanAFifth() {
    // Given
    BenchmarkFigures before =
        figures(
            Map.of(
                "same", Figure.of(1, 1, 100_000, 1),
                "a fifth", Figure.of(1, 1, 100_000, 1),
                "slower machine", Figure.of(1, 1, 100_000, 1),
                "slower", Figure.of(1, 1, 100_000, 1),
                "greedier", Figure.of(1, 1, 100_000, 1),
                "few bytes", Figure.of(1, 1, 10, 1),
                "busy then", Figure.of(1, 1, 10, 1.51),
                "busy now", Figure.of(1, 1, 10, 1),
                "gone", Figure.of(1, 1, 10, 1)));
    BenchmarkFigures now =
        figures(
            Map.of(
                "same", Figure.of(1, 1, 100_000, 1),
                "a fifth", Figure.of(1.2, 1.2, 120_000, 1),
                "slower machine", Figure.of(3, 1, 100_000, 1),
                "slower", Figure.of(1, 1.21, 100_000, 1),
                "greedier", Figure.of(1, 1, 120_001, 1),
                "few bytes", Figure.of(1, 1, 5_000, 1),
                "busy then", Figure.of(9, 9, 10, 1),
                "busy now", Figure.of(9, 9, 10, 1.51),
                "new", Figure.of(9, 9, 900_000, 1)));

    // When
    Map<String, String> worse = now.worseThan(before);

    // Then
    assertEquals(
        List.of(
            "gone: is not measured any more",
            "greedier: allocated 100,000 -> 120,001 bytes",
            "slower: ratio 1 -> 1.21"),
        List.copyOf(worse.values()));
    String table = now.table(before).replaceAll(" +", " ");
    assertTrue(table.contains("\nslower machine 3 1 +0% 100,000 +0%\n"), table);
    assertTrue(table.contains("\nnew 9 9 900,000\n"), table);
    assertTrue(table.contains("\nbusy now 9 ~9 +800% 10 +0%\n"), table);
  }

  @Test
  void takesTheBetterOfTwoLooks() {
    // Given
    BenchmarkFigures first =
        figures(Map.of("one", Figure.of(1, 2, 300, 1), "other", Figure.of(1, 1, 1, 1)));

    // When
    BenchmarkFigures both = first.orBetter(Map.of("one", Figure.of(2, 1, 200, 1)));

    // Then
    assertEquals(
        Map.of("one", Figure.of(1, 1, 200, 1), "other", Figure.of(1, 1, 1, 1)), both.benchmarks());
  }

  @Test
  void readsTheNewestOfWhatItHasWritten(@TempDir Path folder) throws IOException {
    // Given
    BenchmarkFigures figures = figures(Map.of("one", Figure.of(12_345.6, 0.001_234_5, 12, 1)));
    Files.writeString(folder.resolve("20250101T000000Z.json"), "an older one");
    Files.writeString(folder.resolve("worse"), "of the last run");
    Files.writeString(folder.resolve(figures.fileName()), figures.json());

    // When
    Path newest = BenchmarkFigures.newest(folder);

    // Then
    assertEquals(folder.resolve("20260601T090000Z.json"), newest);
    assertEquals(figures, BenchmarkFigures.read(newest));
    assertTrue(figures.json().contains("\"time\" : 12300,"), figures.json());
    assertTrue(figures.json().contains("\"ratio\" : 0.00123,"), figures.json());
  }

  /** Else the report could not say what is worse. */
  @Test
  void everyFileThatIsKeptCanBeRead() throws IOException {
    // Given
    List<Path> kept;
    try (Stream<Path> files = Files.list(HISTORY)) {
      kept = files.toList();
    }

    // Then
    assertFalse(kept.isEmpty());
    for (Path file : kept) {
      BenchmarkFigures figures = BenchmarkFigures.read(file);
      assertEquals(HISTORY.resolve(figures.fileName()), file);
      assertEquals(figures.json(), Files.readString(file));
      assertEquals(BenchmarkFigures.UNITS, figures.units());
    }
  }

  private static BenchmarkFigures figures(Map<String, Figure> benchmarks) {
    return new BenchmarkFigures(
        "0123abc", "2026-06-01T09:00:00Z", "25", BenchmarkFigures.UNITS, benchmarks);
  }
}
