// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.commands.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class PlanViewTest {

  private static List<Waiting> of(Reason reason, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new Waiting(reason + "-" + i, "gate", reason, "", Instant.EPOCH))
        .toList();
  }

  @Test
  void showsAllReasonsOfASmallPlanInTheirOrder() {
    List<Waiting> few = new ArrayList<>(of(Reason.SOAKING, 99));
    few.addAll(of(Reason.APPROVAL_MISSING, 1));

    assertEquals(few, PlanView.first(few));
  }

  @Test
  void showsOfALargePlanWhatSomebodyCanDoSomethingAboutFirst() {
    List<Waiting> many = new ArrayList<>(of(Reason.WAITS_FOR_WAVE, 40_000));
    many.addAll(of(Reason.PLAINTEXT_CLIENTS, 60));
    many.addAll(of(Reason.APPROVAL_MISSING, 10));

    List<Waiting> first = PlanView.first(many);

    List<Waiting> expected = new ArrayList<>(of(Reason.APPROVAL_MISSING, 10));
    expected.addAll(of(Reason.PLAINTEXT_CLIENTS, 60));
    expected.addAll(of(Reason.WAITS_FOR_WAVE, 30));
    assertEquals(expected, first);
  }
}
