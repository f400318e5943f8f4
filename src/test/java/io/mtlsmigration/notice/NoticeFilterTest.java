// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.rollout.Records;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class NoticeFilterTest {

  private static final Notice HELD = of(NoticeKind.HELD, "team-a");
  private static final Notice UNDONE = of(NoticeKind.ROLLED_BACK, "team-b");
  private static final Notice NOBODYS = of(NoticeKind.ROLLED_BACK, null);
  private static final Notice ENDED = of(NoticeKind.PLAN_ENDED, null);

  private static Notice of(NoticeKind kind, String owner) {
    return Notices.of(kind, Records.NOW, "foo", owner, "");
  }

  static Stream<Arguments> filters() {
    return Stream.of(
        argumentSet(
            "everything",
            new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.INFO, Set.of()),
            List.of(HELD, UNDONE, NOBODYS, ENDED)),
        argumentSet(
            "severity is the least",
            new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.WARNING, Set.of()),
            List.of(HELD, UNDONE, NOBODYS)),
        argumentSet(
            "the highest",
            new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.CRITICAL, Set.of()),
            List.of(HELD)),
        argumentSet(
            "an owner's own",
            new NoticeFilter(Set.of(), Set.of("team-b"), NoticeSeverity.INFO, Set.of()),
            List.of(UNDONE)),
        argumentSet(
            "another plan's",
            new NoticeFilter(Set.of("q5"), Set.of(), NoticeSeverity.INFO, Set.of()),
            List.of()),
        argumentSet(
            "this plan's of one kind",
            new NoticeFilter(
                Set.of("q4", "q5"), Set.of(), NoticeSeverity.INFO, Set.of(NoticeKind.PLAN_ENDED)),
            List.of(ENDED)));
  }

  @ParameterizedTest
  @MethodSource("filters")
  void takesWhatWasAskedFor(NoticeFilter filter, List<Notice> taken) {
    assertEquals(taken, Stream.of(HELD, UNDONE, NOBODYS, ENDED).filter(filter::takes).toList());
  }
}
