// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.backtest.Member.Outcome;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What is told by the hour against gates that are judged by the minute, by a loop that knows each
 * call, also those of hours that nobody watched.
 */
final class BacktestPropertiesTest {

  private static final Instant BASE = Instant.parse("2026-10-23T00:00:00Z");
  private static final int HOUR = 60;

  /** A plan of some waves of one or two namespaces, and all calls to them. */
  private static final class World {
    final int hours;
    final int from;
    final int window;
    final int soak;
    final int verification;
    final List<ChangeWindow> changes;
    final List<Question.Part> waves = new ArrayList<>();

    /** By namespace: minutes of calls of two clients, and hours that were watched. */
    final Map<String, List<BitSet>> calls = new HashMap<>();

    final Map<String, BitSet> watched = new HashMap<>();

    World(Draw draw) {
      hours = draw.between(6, 60);
      from = draw.between(0, hours - 2);
      window = draw.coin() ? HOUR * draw.between(1, 8) : draw.between(1, 8 * HOUR);
      soak = draw.coin() ? 0 : draw.between(0, 3 * HOUR);
      verification = draw.between(0, 90);
      changes =
          draw.percent(60)
              ? List.of()
              : List.of(
                  ChangeWindow.parse(
                      draw.of(
                          "Mon-Sun 09:00-16:00 Europe/Berlin",
                          "Mon-Sun 01:20-01:50 Europe/Berlin",
                          "Sun 00:00-00:00 UTC",
                          "Mon-Sun 22:30-03:15 Asia/Kolkata")));
      for (int wave = draw.between(1, 3); wave > 0; wave--) {
        List<String> members = draw.list(1, 2, () -> added(draw));
        waves.add(new Question.Part("w" + wave, members));
      }
    }

    private String added(Draw draw) {
      String name = "ns" + calls.size();
      BitSet seen = new BitSet();
      boolean blind = draw.percent(40);
      for (int i = 0; i < hours; i++) {
        seen.set(i, !blind || draw.percent(85));
      }
      List<BitSet> clients = draw.list(1, 2, () -> minutes(draw));
      calls.put(name, clients);
      watched.put(name, seen);
      return name;
    }

    private BitSet minutes(Draw draw) {
      BitSet minutes = new BitSet();
      int rare = draw.of(5, 100, 400, 2_000);
      int until = draw.coin() ? hours * HOUR : draw.between(1, hours * HOUR);
      for (int at = draw.below(rare); at < until; at += 1 + draw.below(rare)) {
        minutes.set(at);
      }
      return minutes;
    }

    PlanSpec spec() {
      return BacktestTest.plan(
          new PlanWindows(
              Duration.ofMinutes(window),
              Duration.ofMinutes(soak),
              null,
              Duration.ofMinutes(verification)),
          changes);
    }

    Question question() {
      Map<String, Subject> subjects = new HashMap<>();
      calls.keySet().forEach(name -> subjects.put(name, subject(name)));
      return new Question(spec(), at(from * HOUR), at(hours * HOUR), waves, subjects);
    }

    /** Of hours that nobody watched no call is told. */
    private Subject subject(String name) {
      BitSet seen = watched.get(name);
      List<PlaintextCalls.Row> rows = new ArrayList<>();
      for (BitSet minutes : calls.get(name)) {
        List<Long> byHour = new ArrayList<>();
        for (int i = 0; i < hours; i++) {
          int end = (i + 1) * HOUR;
          byHour.add(seen.get(i) ? (long) minutes.get(i * HOUR, end).cardinality() : 0L);
        }
        rows.add(
            new PlaintextCalls.Row(
                new Caller(new WorkloadRef("legacy", "Deployment", "c" + rows.size()), ""),
                new WorkloadRef(name, "Deployment", "httpbin"),
                byHour,
                null));
      }
      List<Boolean> flags = new ArrayList<>();
      for (int i = 0; i < hours; i++) {
        flags.add(seen.get(i));
      }
      return new Subject.Known(
          new PlaintextCalls(BASE, Duration.ofHours(1), flags, rows),
          Instant.MAX,
          Set.of(),
          List.of());
    }

    static Instant at(int minute) {
      return BASE.plus(Duration.ofMinutes(minute));
    }

    boolean mayChange(int minute) {
      return changes.isEmpty() || changes.stream().anyMatch(w -> w.contains(at(minute)));
    }

    /** When each namespace is locked, by the minute; those that never are, are missing. */
    Map<String, Integer> truth() {
      Map<String, Integer> locks = new HashMap<>();
      int turn = from * HOUR;
      for (Question.Part wave : waves) {
        int next = turn;
        for (String name : wave.namespaces()) {
          Integer lock = lock(name, turn);
          if (lock == null) {
            next = Integer.MAX_VALUE;
          } else {
            locks.put(name, lock);
            next = Math.max(next, lock + verification);
          }
        }
        if (next == Integer.MAX_VALUE) {
          return locks;
        }
        turn = next;
      }
      return locks;
    }

    /** Before the history nobody called: so early nothing is told as certain. */
    private @Nullable Integer lock(String name, int turn) {
      Integer held = null;
      for (int now = turn; now <= hours * HOUR; now++) {
        boolean silent = true;
        for (BitSet minutes : calls.get(name)) {
          int call = minutes.nextSetBit(Math.max(0, now - window));
          silent &= call < 0 || call >= now;
        }
        held = silent ? (held == null ? (Integer) now : held) : null;
        if (held != null && now - held >= soak && mayChange(now)) {
          return now;
        }
      }
      return null;
    }
  }

  @Test
  void whatIsCertainIsTrueWhateverNobodyWatched() {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    Seeds.each(
        3_000,
        draw -> {
          World world = new World(draw);
          Map<String, Integer> truth = world.truth();
          for (Member member : Backtest.of(world.question()).members()) {
            Integer lock = truth.get(member.namespace());
            String told = lock + " " + member;
            Instant opens = member.opensAt();
            Instant may = member.mayOpenAt();
            outcomes.merge(member.outcome(), 1, Integer::sum);
            assertEquals(member.outcome() == Outcome.OPENS, opens != null, told);
            if (opens != null) {
              assertTrue(lock != null && !World.at(lock).isAfter(opens), told);
            }
            if (lock != null) {
              assertTrue(may != null && !World.at(lock).isBefore(may), told);
              assertFalse(member.outcome() == Outcome.STAYS_SHUT, told);
            }
            if (member.outcome() == Outcome.STAYS_SHUT) {
              assertNull(may, told);
            }
            refused(world, member, told);
          }
        });
    assertTrue(
        outcomes.size() == 3 && outcomes.values().stream().allMatch(n -> n > 300),
        outcomes::toString);
  }

  /** Each call that was seen from the first whole hour after the lock on, and no other. */
  private static void refused(World world, Member member, String told) {
    Map<String, Long> calls = new HashMap<>();
    Instant opens = member.opensAt();
    if (opens != null
        && world.question().subjects().get(member.namespace()) instanceof Subject.Known known) {
      for (PlaintextCalls.Row row : known.calls().rows()) {
        for (int i = 0; i < world.hours; i++) {
          if (!World.at(i * HOUR).isBefore(opens) && row.calls().get(i) > 0) {
            calls.merge(row.client().id(), row.calls().get(i), Long::sum);
          }
        }
      }
    }
    Map<String, Long> refused = new HashMap<>();
    member.refused().forEach(client -> refused.put(client.client().id(), client.calls()));
    assertEquals(calls, refused, told);
  }

  /** With whole hours, all at once, and no wave, soak or calendar: no later than it can be told. */
  @Test
  void opensAtTheFirstHourAfterAWindowThatWasWatched() {
    Seeds.each(
        1_000,
        draw -> {
          int window = draw.between(1, 5);
          int from = draw.between(window, 10);
          StringBuilder drawn = new StringBuilder();
          int hours = draw.between(from + 1, 30);
          for (int i = 0; i < hours; i++) {
            drawn.append(draw.of('.', '.', '.', 'x', '?'));
          }
          Integer expected = null;
          for (int k = from; k <= hours && expected == null; k++) {
            if (drawn.substring(k - window, k).chars().allMatch(c -> c == '.')) {
              expected = k;
            }
          }

          Instant opens = BacktestTest.opens(window, from, drawn.toString());

          assertEquals(
              expected == null ? null : BASE.plus(Duration.ofHours(expected)),
              opens == null ? null : BASE.plus(Duration.between(BacktestTest.BASE, opens)),
              drawn::toString);
        });
  }
}
