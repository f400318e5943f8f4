// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ForgettingTest {

  private final List<Event> history = new ArrayList<>();

  private void happens(Event.Type type) {
    history.add(
        new Event(
            history.size(),
            Instant.EPOCH,
            "p1",
            "foo",
            type,
            "",
            "",
            Reason.WRITE_DONE,
            "",
            "mtls-migration",
            Map.of()));
    Forgetting.next(history).ifPresent(history::remove);
  }

  private void happens(Event.Type type, int times) {
    for (int i = 0; i < times; i++) {
      happens(type);
    }
  }

  @Test
  void aLockIsNotForgottenForGatesThatComeAndGo() {
    happens(Event.Type.POLICY_WRITTEN);

    happens(Event.Type.GATE_CHANGED, 1000);

    assertEquals(Event.Type.POLICY_WRITTEN, history.getFirst().type());
    assertEquals(Forgetting.NEWEST + 1, history.size());
  }

  @Test
  void theNewestAreKeptWhateverTheyTell() {
    happens(Event.Type.PHASE_CHANGED, 1000);

    happens(Event.Type.GATE_CHANGED, Forgetting.NEWEST);

    assertEquals(Forgetting.NEWEST + Forgetting.OLDER, history.size());
    assertTrue(
        history.reversed().stream()
            .limit(Forgetting.NEWEST)
            .allMatch(event -> event.type() == Event.Type.GATE_CHANGED));
  }
}
