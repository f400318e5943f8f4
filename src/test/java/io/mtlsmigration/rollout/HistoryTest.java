// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class HistoryTest {

  private final History history = new History();
  private long last;

  private Event happens(String subject, Event.Type type, String from, String to) {
    Event event =
        new Event(
            ++last,
            Instant.EPOCH,
            "p1",
            subject,
            type,
            from,
            to,
            Reason.WRITE_DONE,
            "",
            "mtls-migration",
            Map.of());
    history.add(event);
    return event;
  }

  private void happens(Event.Type type, int times) {
    for (int i = 0; i < times; i++) {
      happens("foo", type, "", "");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Event.Type.class,
      names = {"GATE_CHANGED", "WRITE_FAILED", "HOOK_DELIVERED", "HOOK_FAILED"})
  void aLockIsNotForgottenForWhatComesAndGoes(Event.Type repeated) {
    Event lock = happens("foo", Event.Type.POLICY_WRITTEN, "", "");

    happens(repeated, 10_000);

    assertEquals(lock, history.events().getLast());
    assertEquals(History.NEWEST + 1, history.events().size());
  }

  /** A step that waits for its gates goes back and forth for as long as they do. */
  @ParameterizedTest
  @CsvSource({"OBSERVING, READY", "READY, OBSERVING", "VERIFYING, VERIFYING", "READY, BLOCKED"})
  void aLockIsNotForgottenForAPhaseThatComesAndGoes(String from, String to) {
    Event lock = happens("foo", Event.Type.PHASE_CHANGED, "VERIFYING", "LOCKED");

    for (int i = 0; i < 10_000; i++) {
      happens("foo", Event.Type.PHASE_CHANGED, from, to);
    }

    assertEquals(lock, history.events().getLast());
  }

  /** However many others the plan locks after it, and whoever asks for what. */
  @Test
  void eachOfAThousandNamespacesTellsHowItWasLockedAndWhoAgreed() {
    for (int i = 0; i < 1_000; i++) {
      String namespace = "n" + i;
      happens(namespace, Event.Type.APPROVED, "", "");
      happens(namespace, Event.Type.PHASE_CHANGED, "READY", "LOCKING");
      happens(namespace, Event.Type.POLICY_WRITTEN, "", "");
      happens(namespace, Event.Type.PHASE_CHANGED, "LOCKING", "VERIFYING");
      happens(namespace, Event.Type.PHASE_CHANGED, "VERIFYING", "LOCKED");
    }
    for (int i = 0; i < 1_000; i++) {
      happens("n0", Event.Type.REQUESTED, "", "");
      happens("n" + i, Event.Type.GATE_CHANGED, "", "");
    }

    List<Event> kept = history.events();

    for (Event.Type type :
        List.of(Event.Type.POLICY_WRITTEN, Event.Type.PHASE_CHANGED, Event.Type.APPROVED)) {
      long told =
          kept.stream()
              .filter(event -> event.type() == type)
              .map(Event::subject)
              .distinct()
              .count();
      // Whoever asks a thousand times displaces what was asked of the same namespace.
      assertEquals(type == Event.Type.APPROVED ? 999 : 1_000, told, type.name());
    }
    assertTrue(
        kept.size()
            <= History.NEWEST + History.OLDER + 1_000 * (History.CHANGES + History.REQUESTS));
  }

  @Test
  void theNewestAreKeptWhateverTheyTell() {
    happens(Event.Type.DRIFT_FOUND, 1000);

    happens(Event.Type.GATE_CHANGED, History.NEWEST);

    assertEquals(History.NEWEST + History.OLDER + History.CHANGES, history.events().size());
    assertTrue(
        history.events().stream()
            .limit(History.NEWEST)
            .allMatch(event -> event.type() == Event.Type.GATE_CHANGED));
  }

  /** As replicas tell them to each other, and objects are read again and again. */
  @Test
  void neitherOrderNorRepetitionMatters() {
    for (int i = 0; i < 100; i++) {
      for (Event.Type type : Event.Type.values()) {
        happens("n" + i % 7, type, "", "");
      }
    }
    List<Event> kept = history.events();

    history.addAll(kept.reversed());
    History other = new History();
    other.addAll(kept);

    assertEquals(kept, history.events());
    assertEquals(kept, other.events());
  }
}
