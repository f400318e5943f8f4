// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.rollout.Records;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NoticeCursorTest {

  private static final Instant NOW = Records.NOW;

  private final NoticeCursor begun = NoticeCursor.from(NOW);

  private static Notice at(long seconds) {
    return Notices.rolledBack(NOW.plusSeconds(seconds), "ns-" + seconds);
  }

  private static List<Notice> flood(int notices) {
    return IntStream.range(0, notices).mapToObj(i -> Notices.rolledBack(NOW, "ns-" + i)).toList();
  }

  @Test
  void beginsWithWhatFollows() {
    assertEquals(List.of(at(1)), begun.pending(List.of(at(1), at(-1))));
  }

  @Test
  void whatComesLateIsToldAllTheSame() {
    NoticeCursor told = begun.sent(List.of(at(1), at(9)));

    assertEquals(List.of(at(5)), told.pending(List.of(at(9), at(5), at(1))));
  }

  @Test
  void theOldestIsToldFirstAndNothingTwice() {
    assertEquals(List.of(at(1), at(2)), begun.pending(List.of(at(2), at(1), at(2))));
  }

  @Test
  void whatIsOverIsNotTold() {
    NoticeCursor later = begun.sent(List.of(at(1))).over(NOW.plusSeconds(5));

    assertEquals(List.of(at(6)), later.pending(List.of(at(1), at(4), at(6))));
    assertEquals(0, later.sent().size(), "what nobody asks about is not remembered");
  }

  @Test
  void aClockThatWasSetBackBringsNothingBack() {
    NoticeCursor later = begun.over(NOW.plusSeconds(5));

    assertEquals(later, later.over(NOW.minus(Duration.ofDays(1))));
  }

  @Test
  void aClockThatWasAheadHidesNothing() {
    NoticeCursor ahead = begun.sent(List.of(at(1))).over(NOW.plus(Duration.ofDays(1)));

    assertEquals(List.of(at(6)), ahead.upTo(NOW.plusSeconds(5)).pending(List.of(at(1), at(6))));
    assertEquals(begun, begun.upTo(NOW));
  }

  @Test
  void oneMomentIsNoBound() {
    List<Notice> flood = flood(4000);
    NoticeCursor cursor = begun;
    int told = 0;

    for (List<Notice> next = cursor.pending(flood); !next.isEmpty(); next = cursor.pending(flood)) {
      List<Notice> some = next.subList(0, Math.min(20, next.size()));
      told += some.size();
      cursor = cursor.sent(some);
    }

    assertEquals(4000, told);
    assertEquals(NoticeCursor.REMEMBERED, cursor.sent().size());
    assertTrue(cursor.text().length() < 45_000, () -> "ConfigMaps hold 1 MiB for 16 receivers");
  }

  @Test
  void whatEitherOfTwoLeadersHasToldIsTold() {
    NoticeCursor one = begun.sent(List.of(at(1), at(2)));
    NoticeCursor other = begun.sent(List.of(at(3))).over(NOW.plusSeconds(1));

    NoticeCursor merged = one.merged(other);

    assertEquals(merged, other.merged(one));
    assertEquals(List.of(at(4)), merged.pending(List.of(at(1), at(2), at(3), at(4))));
  }

  @Test
  void isReadAsItWasWritten() {
    NoticeCursor cursor = begun.sent(List.of(at(3), at(1)));

    assertEquals(Optional.of(cursor), NoticeCursor.parse(cursor.text()));
    assertEquals(Optional.of(begun), NoticeCursor.parse(begun.text()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "{}", "everything", "0123456789abcdef0123456789abcdef"})
  void isNotReadFromAnythingElse(String text) {
    assertEquals(Optional.empty(), NoticeCursor.parse(text));
  }

  @Test
  void idsSortByTime() {
    assertTrue(at(1).id().compareTo(at(2).id()) < 0);
    assertTrue(Notices.rolledBack(Instant.EPOCH, "a").id().compareTo(at(1).id()) < 0);
    assertTrue(
        Notices.rolledBack(Instant.parse("2199-01-01T00:00:00Z"), "a").id().compareTo(at(1).id())
            > 0);
  }
}
