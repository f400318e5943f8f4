// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import io.mtlsmigration.traffic.ClientCalls.Silence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How long a window has to be, from when clients called. Hours are drawn as text: {@code x} with a
 * call, {@code .} without, {@code X} and {@code ?} the same where nobody watched.
 */
final class WindowStudyTest {

  private static final Instant FROM = Instant.parse("2026-10-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Caller REPORT =
      new Caller(new WorkloadRef("legacy", "CronJob", "report"), "");
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");

  private static PlaintextCalls.Row row(Caller client, String hours) {
    return new PlaintextCalls.Row(
        client,
        HTTPBIN,
        hours.chars().mapToObj(c -> c == 'x' || c == 'X' ? 1L : 0L).toList(),
        null);
  }

  private static List<Boolean> watched(String hours) {
    return hours.chars().mapToObj(c -> c == 'x' || c == '.').toList();
  }

  private static WindowStudy study(String hours) {
    return study(watched(hours), row(REPORT, hours));
  }

  private static WindowStudy study(List<Boolean> watched, PlaintextCalls.Row... rows) {
    PlaintextCalls history = new PlaintextCalls(FROM, HOUR, watched, List.of(rows));
    return WindowStudy.of(history, history.begin(watched.size()), false);
  }

  private static Set<LimitKind> limits(WindowStudy study) {
    return study.limits().stream()
        .map(HistoryLimit::kind)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  static List<Arguments> histories() {
    String week = "x" + ".".repeat(167);
    return List.of(
        argumentSet("every hour", "xxxxxx", "PT1H", null, "PT3H"),
        argumentSet("every other hour", "x.x.x.x", "PT2H", "PT2H", "PT6H"),
        argumentSet("the longest of several", "x.x....xxx", "PT5H", "PT5H", "PT12H"),
        argumentSet("every day", "x" + ".".repeat(23) + "x", "PT24H", "PT24H", "PT48H"),
        argumentSet("every week", week + week + "x", "PT168H", "PT168H", "PT192H"),
        argumentSet("silent since", "xx" + ".".repeat(30), "PT1H", null, "PT48H"),
        argumentSet("a hole within a silence", "x..??...x", "PT8H", "PT3H", "PT12H"),
        argumentSet("a hole beside both calls", "x?x", "PT2H", null, "PT6H"),
        argumentSet("a hole before a silence", "x?....x", "PT6H", "PT4H", "PT12H"),
        argumentSet("a call while nobody watched", "x..X..x", "PT3H", "PT3H", "PT6H"),
        argumentSet("holes outside of it", "??x.x??", "PT2H", "PT2H", "PT6H"),
        argumentSet("a hole since the last call", "xx??????", "PT1H", null, "PT12H"));
  }

  @ParameterizedTest
  @MethodSource("histories")
  void tellsTheLongestSilenceAndTheWindowThatMissesNone(
      String hours, String longest, @Nullable String seen, String window) {
    ClientCalls client = study(hours).clients().getFirst();

    assertEquals(Duration.parse(longest), present(client.longest()).length());
    assertEquals(seen, client.seen() == null ? null : client.seen().length().toString());
    assertEquals(Duration.parse(window), study(hours).window());
  }

  private static <T> T present(@Nullable T value) {
    assertNotNull(value);
    return value;
  }

  static List<Arguments> gaps() {
    return List.of(
        argumentSet("all watched", "x.x.x", ""),
        argumentSet("the source is younger", "???x.x", "HISTORY_SHORT"),
        argumentSet("nothing watched", "????", "HISTORY_SHORT,NOBODY_SEEN"),
        argumentSet("a hole", "x.?.x", "HOLES"),
        argumentSet("one call", "..x..", "SEEN_ONCE"),
        argumentSet("nobody", ".....", "NOBODY_SEEN"));
  }

  @ParameterizedTest
  @MethodSource("gaps")
  void saysWhatHistoryCannotTell(String hours, String kinds) {
    boolean nobody = !hours.toLowerCase(Locale.ROOT).contains("x");

    WindowStudy study = nobody ? study(watched(hours)) : study(watched(hours), row(REPORT, hours));

    Set<LimitKind> expected = new TreeSet<>(Set.of(LimitKind.STRICT, LimitKind.RESOLUTION));
    for (String kind : kinds.split(",")) {
      if (!kind.isEmpty()) {
        expected.add(LimitKind.valueOf(kind));
      }
    }
    assertEquals(expected, limits(study));
  }

  @Test
  void theMostPatientClientDecides() {
    Caller batch = new Caller(new WorkloadRef("legacy", "Deployment", "batch"), "");

    WindowStudy study =
        study(watched(".........."), row(batch, "x.x.x.x.x."), row(REPORT, "x.....x.x."));

    assertEquals("legacy/report", present(study.longest()).client().id());
    assertEquals(Duration.ofHours(12), study.window());
  }

  @Test
  void aClientOfTwoServersIsSeenAtEither() {
    WindowStudy study =
        study(watched("........."), row(REPORT, "x.......x"), row(REPORT, "....x...."));

    ClientCalls client = study.clients().getFirst();
    assertEquals(1, study.clients().size());
    assertEquals(3, client.total());
    assertEquals(Duration.ofHours(4), present(client.longest()).length());
  }

  @Test
  void thatClientsWereCountedTogetherIsTold() {
    assertTrue(limits(study(watched("..."), row(Caller.OTHERS, "x.x"))).contains(LimitKind.OTHERS));
  }

  @Test
  void ofSilencesNothingIsKeptThatGrowsWithTime() {
    WindowStudy kept =
        study(watched("........."), row(REPORT, "x.......x"), row(Caller.UNKNOWN, "xxxxxxxxx"))
            .silences();

    assertEquals(1, kept.clients().size());
    assertEquals(List.of(), kept.clients().getFirst().calls());
    assertNotNull(kept.clients().getFirst().seen());
  }

  @Test
  void ofOneCallNoWindowIsMade() {
    WindowStudy study =
        study(watched("......"), row(REPORT, "x....."), row(Caller.UNKNOWN, "xx.x.."));

    assertEquals("unknown", present(study.longest()).client().id());
    assertNull(study.clients().getLast().window());
    assertTrue(limits(study).containsAll(Set.of(LimitKind.SEEN_ONCE, LimitKind.UNKNOWN_CLIENTS)));
  }

  @Test
  void callsWithoutATimeAreToldAndEndNoSilence() {
    PlaintextCalls.Row undated =
        new PlaintextCalls.Row(REPORT, HTTPBIN, Collections.nCopies(4, 0L), FROM.plus(HOUR));

    WindowStudy study = study(watched("?..."), undated);

    assertNull(study.clients().getFirst().firstCall());
    assertNull(study.window());
    assertTrue(limits(study).contains(LimitKind.UNDATED_CALLS));
    assertTrue(!limits(study).contains(LimitKind.SEEN_ONCE));
  }

  @Test
  void bucketsAreDaysOfUtcAndNullWhereNothingIsKnown() {
    String hours = "x".repeat(24) + "?".repeat(24) + "?".repeat(23) + "X" + "..";
    PlaintextCalls history =
        new PlaintextCalls(FROM, HOUR, watched(hours), List.of(row(REPORT, hours)));
    WindowStudy study = WindowStudy.of(history, history.begin(hours.length()), false);

    List<WindowStudy.Bucket> buckets =
        study.buckets(study.clients().getFirst(), Duration.ofDays(1));

    List<@Nullable Long> sums = new ArrayList<>();
    buckets.forEach(bucket -> sums.add(bucket.calls()));
    assertEquals(Arrays.asList(24L, null, 1L, 0L), sums);
    assertEquals(FROM.plus(Duration.ofDays(3)), buckets.getLast().from());
  }

  /** Calls at any minute; hours are lost with what was counted in them. */
  private static final class World {
    private final int hours;
    private final List<Long> minutes = new ArrayList<>();
    private final List<Boolean> watched = new ArrayList<>();

    World(Draw draw) {
      hours = draw.between(2, 40);
      int calls = draw.between(2, 8);
      for (int i = 0; i < calls; i++) {
        minutes.add((long) draw.below(hours * 60));
      }
      Collections.sort(minutes);
      int holes = draw.below(30);
      for (int i = 0; i < hours; i++) {
        watched.add(!draw.percent(holes));
      }
    }

    WindowStudy study() {
      List<Long> counted = new ArrayList<>();
      for (int i = 0; i < hours; i++) {
        long in = i;
        counted.add(watched.get(i) ? minutes.stream().filter(m -> m / 60 == in).count() : 0);
      }
      return WindowStudyTest.study(watched, new PlaintextCalls.Row(REPORT, HTTPBIN, counted, null));
    }

    /** The longest time between two calls, or since the last, from the first counted one on. */
    Duration longest() {
      List<Long> from = minutes.stream().filter(m -> watched.get((int) (m / 60))).limit(1).toList();
      List<Long> known =
          new ArrayList<>(minutes.stream().filter(m -> m >= from.getFirst()).toList());
      known.add(hours * 60L);
      long longest = 0;
      for (int i = 1; i < known.size(); i++) {
        longest = Math.max(longest, known.get(i) - known.get(i - 1));
      }
      return Duration.ofMinutes(longest);
    }

    /** Whether there is a call after the beginning and before the end. */
    boolean calledWithin(Silence silence) {
      return minutes.stream()
          .map(m -> FROM.plus(Duration.ofMinutes(m)))
          .anyMatch(at -> !at.isBefore(silence.from().plus(HOUR)) && at.isBefore(silence.until()));
    }
  }

  /** The window is compared with each call as it was really made, lost ones included. */
  @Test
  void noRealSilenceIsAsLongAsTheWindow() {
    Seeds.each(
        3_000,
        draw -> {
          World world = new World(draw);
          Duration window = world.study().window();
          if (window != null) {
            assertTrue(
                window.compareTo(world.longest()) > 0,
                () -> window + " misses a silence of " + world.longest());
          }
        });
  }

  /** What is said to be seen is true, and no seen silence is longer than what is possible. */
  @Test
  void nobodyCalledInASilenceThatWasSeen() {
    Seeds.each(
        3_000,
        draw -> {
          World world = new World(draw);
          for (ClientCalls client : world.study().clients()) {
            Silence seen = client.seen();
            if (seen != null) {
              assertTrue(!world.calledWithin(seen), () -> "called within " + seen);
              assertTrue(present(client.longest()).length().compareTo(seen.length()) >= 0);
            }
          }
        });
  }

  /** All ways in which what was not watched may have gone; the longest of all has room. */
  @Test
  void theWindowIsThatOfTheWorstThatMayHaveBeen() {
    Seeds.each(
        1_000,
        draw -> {
          int hours = draw.between(2, 12);
          StringBuilder drawn = new StringBuilder();
          for (int i = 0; i < hours; i++) {
            drawn.append(draw.percent(25) ? '?' : draw.percent(30) ? 'x' : '.');
          }
          String history = drawn.toString();
          Duration window = study(watched(history), row(REPORT, history)).window();
          List<Integer> holes = new ArrayList<>();
          for (int i = history.indexOf('x') + 1; i < hours; i++) {
            if (history.charAt(i) == '?') {
              holes.add(i);
            }
          }
          Duration worst = null;
          for (int way = 0; way < 1 << holes.size(); way++) {
            StringBuilder filled = new StringBuilder(history.replace('?', '.'));
            for (int k = 0; k < holes.size(); k++) {
              filled.setCharAt(holes.get(k), (way >> k & 1) == 1 ? 'x' : '.');
            }
            worst = longer(worst, bruteForce(filled.toString(), history));
          }
          assertEquals(worst == null ? null : RoundWindow.longerThan(worst), window, history);
        });
  }

  private static @Nullable Duration longer(@Nullable Duration one, @Nullable Duration other) {
    return one == null || (other != null && other.compareTo(one) > 0) ? other : one;
  }

  /** Every pair of hours with calls and none between; null where fewer than two were seen. */
  private static @Nullable Duration bruteForce(String filled, String seen) {
    if (seen.chars().filter(c -> c == 'x').count() < 2) {
      return null;
    }
    Duration longest = Duration.ofHours(filled.length() - filled.lastIndexOf('x'));
    for (int i = 0; i < filled.length(); i++) {
      for (int j = i + 1; j < filled.length(); j++) {
        boolean neighbours =
            filled.charAt(i) == 'x'
                && filled.charAt(j) == 'x'
                && filled.substring(i + 1, j).indexOf('x') < 0;
        if (neighbours) {
          longest = longer(longest, Duration.ofHours(j - i + 1));
        }
      }
    }
    return longest;
  }

  /** An hour that is lost after the first call makes the window no shorter. */
  @Test
  void missingEvidenceNeverShortensTheWindow() {
    Seeds.each(
        2_000,
        draw -> {
          int hours = draw.between(3, 30);
          StringBuilder drawn = new StringBuilder();
          for (int i = 0; i < hours; i++) {
            drawn.append(draw.percent(10) ? '?' : draw.percent(20) ? 'x' : '.');
          }
          String history = drawn.toString();
          int first = history.indexOf('x');
          if (first < 0 || first + 1 >= hours) {
            return;
          }
          drawn.setCharAt(draw.between(first + 1, hours - 1), '?');
          Duration all = study(history).window();
          Duration less = study(drawn.toString()).window();
          boolean stillTwo = drawn.chars().filter(c -> c == 'x').count() > 1;
          if (all != null && stillTwo) {
            assertTrue(
                less != null && less.compareTo(all) >= 0,
                () -> history + " takes " + all + ", and " + drawn + " only " + less);
          }
        });
  }
}
