// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.access.AuditEntry.Action;
import io.mtlsmigration.access.AuditEntry.Actor;
import io.mtlsmigration.access.AuditEntry.Result;
import io.mtlsmigration.access.AuditLog.Reach;
import io.mtlsmigration.testing.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class AuditLogTest {

  private static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

  private final ManualClock clock = new ManualClock(START);
  private final List<AuditEntry> written = new ArrayList<>();
  private final AuditLog log = new AuditLog(clock, written::add);

  @Test
  void showsTheNewestFirstOfAllKinds() {
    add(Reach.LET_IN, "one");
    add(Reach.UNKNOWN, "two");
    add(Reach.FORBIDDEN, "three");
    add(Reach.LET_IN, "four");

    List<AuditEntry> entries = log.entries();

    assertEquals(List.of("four", "three", "two", "one"), requestIds(entries));
    assertEquals(entries.reversed(), written);
    assertEquals(List.of(4L, 3L, 2L, 1L), entries.stream().map(AuditEntry::id).toList());
  }

  @Test
  void keepsTheLastThousandThatWereLetIn() {
    for (int i = 1; i <= 1_001; i++) {
      add(Reach.LET_IN, "call-" + i);
    }

    List<AuditEntry> entries = log.entries();

    assertEquals(1_000, entries.size());
    assertEquals("call-2", entries.getLast().action().requestId());
    assertEquals(1_001, written.size());
  }

  @ParameterizedTest
  @EnumSource(names = {"FORBIDDEN", "UNKNOWN"})
  void losesNoChangeToAFloodOfCallsThatWereTurnedAway(Reach reach) {
    add(Reach.LET_IN, "change");
    for (int minute = 0; minute < 100; minute++) {
      for (int i = 0; i < 100; i++) {
        add(reach, "knock");
      }
      clock.advance(Duration.ofMinutes(1));
    }

    List<AuditEntry> entries = log.entries();

    assertEquals("change", entries.getLast().action().requestId());
    assertEquals(501, entries.size());
    assertEquals(6_001, written.size());
  }

  @Test
  void hidesNobodyInsideBehindACrowdOfStrangers() {
    for (int i = 0; i < 1_000; i++) {
      add(Reach.UNKNOWN, "knock");
    }

    add(Reach.FORBIDDEN, "insider");

    assertEquals("insider", log.entries().getFirst().action().requestId());
  }

  @Test
  void countsWhatItDoesNotRecord() {
    for (int i = 0; i < 75; i++) {
      add(Reach.UNKNOWN, "knock");
    }
    clock.advance(Duration.ofMinutes(1));

    add(Reach.UNKNOWN, "later");
    add(Reach.UNKNOWN, "after");

    assertEquals(
        List.of(0L, 15L), log.entries().stream().limit(2).map(AuditEntry::unrecorded).toList());
  }

  @Test
  void recordsAgainWhenTheClockWasSetBack() {
    for (int i = 0; i < 61; i++) {
      add(Reach.UNKNOWN, "knock");
    }
    clock.advance(Duration.ofHours(-1));

    add(Reach.UNKNOWN, "later");

    assertEquals("later", log.entries().getFirst().action().requestId());
  }

  static Stream<Arguments> outcomes() {
    return Stream.of(
        argumentSet("done", 200, AuditOutcome.SUCCEEDED),
        argumentSet("taken", 202, AuditOutcome.SUCCEEDED),
        argumentSet("gone elsewhere", 304, AuditOutcome.SUCCEEDED),
        argumentSet("wrong", 400, AuditOutcome.REJECTED),
        argumentSet("unknown caller", 401, AuditOutcome.DENIED),
        argumentSet("may not", 403, AuditOutcome.DENIED),
        argumentSet("at the wrong time", 409, AuditOutcome.REJECTED),
        argumentSet("broken", 500, AuditOutcome.FAILED),
        argumentSet("nobody could say", 503, AuditOutcome.FAILED),
        argumentSet("no answer", 0, AuditOutcome.FAILED));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void tellsHowACallEnded(int status, AuditOutcome outcome) {
    assertEquals(outcome, new Result(status, "").outcome());
  }

  private void add(Reach reach, String requestId) {
    log.add(
        reach,
        new Actor("jane", "1", 2, "127.0.0.1"),
        new Action("startPlan", "POST", "/plans/{plan}/start", "q4", "", false, requestId),
        new Result(202, ""));
  }

  private static List<String> requestIds(List<AuditEntry> entries) {
    return entries.stream().map(entry -> entry.action().requestId()).toList();
  }
}
