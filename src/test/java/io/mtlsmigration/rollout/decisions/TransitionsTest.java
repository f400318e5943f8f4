// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.rollout.Phase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every phase × event pair, against a table written by hand. What is not listed is illegal. */
class TransitionsTest {

  private static final String EXPECTED =
      """
      PENDING           WAVE_OPENED     OBSERVING
      PENDING           FOUND_WRITTEN   LOCKING
      PENDING           ROLLBACK_ASKED  ROLLING_BACK
      PENDING           EXEMPT_ASKED    EXEMPT
      PENDING           SKIP_ASKED      SKIPPED
      PENDING           RECREATED       PENDING
      PENDING           GONE            SKIPPED
      OBSERVING         AUDIT_BEGUN     AUDITING
      OBSERVING         GATES_HELD      READY
      OBSERVING         PREPARE_DECIDED LOCKING
      OBSERVING         OBSTRUCTED      BLOCKED
      OBSERVING         FOUND_STRICT    LOCKED
      OBSERVING         FOUND_WRITTEN   LOCKING
      OBSERVING         ROLLBACK_ASKED  ROLLING_BACK
      OBSERVING         EXEMPT_ASKED    EXEMPT
      OBSERVING         SKIP_ASKED      SKIPPED
      OBSERVING         RECREATED       PENDING
      OBSERVING         GONE            SKIPPED
      AUDITING          GATES_HELD      READY
      AUDITING          GATES_BROKEN    OBSERVING
      AUDITING          OBSTRUCTED      BLOCKED
      AUDITING          FOUND_STRICT    LOCKED
      AUDITING          FOUND_WRITTEN   LOCKING
      AUDITING          ROLLBACK_ASKED  ROLLING_BACK
      AUDITING          EXEMPT_ASKED    EXEMPT
      AUDITING          SKIP_ASKED      SKIPPED
      AUDITING          RECREATED       PENDING
      AUDITING          GONE            SKIPPED
      READY             GATES_BROKEN    OBSERVING
      READY             APPROVAL_ASKED  AWAITING_APPROVAL
      AWAITING_APPROVAL APPROVAL_GIVEN  READY
      READY             LOCK_DECIDED    LOCKING
      READY             OBSTRUCTED      BLOCKED
      READY             FOUND_STRICT    LOCKED
      READY             FOUND_WRITTEN   LOCKING
      READY             ROLLBACK_ASKED  ROLLING_BACK
      READY             EXEMPT_ASKED    EXEMPT
      READY             SKIP_ASKED      SKIPPED
      READY             RECREATED       PENDING
      READY             GONE            SKIPPED
      AWAITING_APPROVAL GATES_BROKEN    OBSERVING
      AWAITING_APPROVAL LOCK_DECIDED    LOCKING
      AWAITING_APPROVAL OBSTRUCTED      BLOCKED
      AWAITING_APPROVAL FOUND_STRICT    LOCKED
      AWAITING_APPROVAL FOUND_WRITTEN   LOCKING
      AWAITING_APPROVAL ROLLBACK_ASKED  ROLLING_BACK
      AWAITING_APPROVAL EXEMPT_ASKED    EXEMPT
      AWAITING_APPROVAL SKIP_ASKED      SKIPPED
      AWAITING_APPROVAL RECREATED       PENDING
      AWAITING_APPROVAL GONE            SKIPPED
      LOCKING           GATES_BROKEN    OBSERVING
      LOCKING           OBSTRUCTED      BLOCKED
      LOCKING           ENFORCED        VERIFYING
      LOCKING           FAILED          ROLLING_BACK
      LOCKING           ABANDONED       ROLLING_BACK
      LOCKING           WEAKENED        DRIFTED
      LOCKING           ROLLBACK_ASKED  ROLLING_BACK
      LOCKING           RECREATED       PENDING
      LOCKING           GONE            SKIPPED
      VERIFYING         VERIFIED        LOCKED
      VERIFYING         EXTENDED        VERIFYING
      VERIFYING         HELD            VERIFYING
      VERIFYING         FAILED          ROLLING_BACK
      VERIFYING         RETRY_ASKED     VERIFYING
      VERIFYING         ROLLBACK_ASKED  ROLLING_BACK
      VERIFYING         WEAKENED        DRIFTED
      VERIFYING         RECREATED       PENDING
      VERIFYING         GONE            SKIPPED
      LOCKED            WEAKENED        DRIFTED
      LOCKED            ROLLBACK_ASKED  ROLLING_BACK
      LOCKED            EXEMPT_ASKED    EXEMPT
      LOCKED            RECREATED       PENDING
      LOCKED            GONE            SKIPPED
      BLOCKED           CLEARED         OBSERVING
      BLOCKED           RETRY_ASKED     OBSERVING
      BLOCKED           FOUND_STRICT    LOCKED
      BLOCKED           FOUND_WRITTEN   LOCKING
      BLOCKED           ROLLBACK_ASKED  ROLLING_BACK
      BLOCKED           EXEMPT_ASKED    EXEMPT
      BLOCKED           SKIP_ASKED      SKIPPED
      BLOCKED           RECREATED       PENDING
      BLOCKED           GONE            SKIPPED
      ROLLING_BACK      UNDONE          ROLLED_BACK
      ROLLING_BACK      RECREATED       PENDING
      ROLLING_BACK      GONE            SKIPPED
      ROLLED_BACK       RETRY_ASKED     OBSERVING
      ROLLED_BACK       FOUND_WRITTEN   ROLLING_BACK
      ROLLED_BACK       ROLLBACK_ASKED  ROLLING_BACK
      ROLLED_BACK       EXEMPT_ASKED    EXEMPT
      ROLLED_BACK       SKIP_ASKED      SKIPPED
      ROLLED_BACK       RECREATED       PENDING
      ROLLED_BACK       GONE            SKIPPED
      EXEMPT            RETRY_ASKED     PENDING
      EXEMPT            CAPTURED        PENDING
      EXEMPT            ROLLBACK_ASKED  ROLLING_BACK
      EXEMPT            RECREATED       PENDING
      EXEMPT            GONE            SKIPPED
      SKIPPED           RETRY_ASKED     PENDING
      SKIPPED           FOUND_WRITTEN   ROLLING_BACK
      SKIPPED           ROLLBACK_ASKED  ROLLING_BACK
      SKIPPED           EXEMPT_ASKED    EXEMPT
      SKIPPED           RECREATED       PENDING
      DRIFTED           RECOVERED       LOCKED
      DRIFTED           ENFORCED        VERIFYING
      DRIFTED           RETRY_ASKED     OBSERVING
      DRIFTED           ROLLBACK_ASKED  ROLLING_BACK
      DRIFTED           EXEMPT_ASKED    EXEMPT
      DRIFTED           SKIP_ASKED      SKIPPED
      DRIFTED           RECREATED       PENDING
      DRIFTED           GONE            SKIPPED
      """;

  private static final Map<Phase, Map<RolloutEvent, Phase>> TABLE = parse();

  private static Map<Phase, Map<RolloutEvent, Phase>> parse() {
    Map<Phase, Map<RolloutEvent, Phase>> table = new EnumMap<>(Phase.class);
    for (String line : EXPECTED.lines().toList()) {
      String[] words = line.trim().split(" +");
      Phase before =
          table
              .computeIfAbsent(Phase.valueOf(words[0]), p -> new EnumMap<>(RolloutEvent.class))
              .put(RolloutEvent.valueOf(words[1]), Phase.valueOf(words[2]));
      assertEquals(null, before, line);
    }
    return table;
  }

  static Stream<Arguments> everyPair() {
    List<Arguments> pairs = new ArrayList<>();
    for (Phase phase : Phase.values()) {
      for (RolloutEvent event : RolloutEvent.values()) {
        Phase to = TABLE.getOrDefault(phase, Map.of()).get(event);
        pairs.add(argumentSet(phase + " × " + event, phase, event, Optional.ofNullable(to)));
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest
  @MethodSource("everyPair")
  void leadsWhereTheTableSays(Phase phase, RolloutEvent event, Optional<Phase> expected) {
    Optional<Phase> next = Transitions.next(phase, event);

    assertEquals(expected, next);
  }

  @Test
  void hasNoOtherWayOutOfTheMiddleOfALockThanForwardOrBack() {
    var outOfVerifying =
        Stream.of(RolloutEvent.values())
            .flatMap(event -> Transitions.next(Phase.VERIFYING, event).stream())
            .distinct()
            .sorted()
            .toList();

    assertEquals(
        List.of(
            Phase.PENDING,
            Phase.VERIFYING,
            Phase.LOCKED,
            Phase.ROLLING_BACK,
            Phase.SKIPPED,
            Phase.DRIFTED),
        outOfVerifying);
  }
}
