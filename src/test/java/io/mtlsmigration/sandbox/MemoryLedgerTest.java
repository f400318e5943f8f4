package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MemoryLedgerTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private final MemoryLedger ledger = new MemoryLedger();

  @Test
  void givesEachSaveAVersionOfItsOwn() {
    PlanRecord first = ledger.save(plan("a", ""));
    PlanRecord second = ledger.save(first);

    assertTrue(!first.version().isEmpty() && !first.version().equals(second.version()));
    assertEquals(second, ledger.plan("a").orElseThrow());
  }

  @Test
  void refusesASaveThatWasDecidedOnAnOlderRecord() {
    PlanRecord first = ledger.save(plan("a", ""));
    PlanRecord second = ledger.save(first);

    assertThrows(StaleRecordException.class, () -> ledger.save(first));

    assertEquals(second, ledger.plan("a").orElseThrow());
  }

  @Test
  void refusesToCreateTwice() {
    ledger.save(plan("a", ""));

    assertThrows(StaleRecordException.class, () -> ledger.save(plan("a", "")));
  }

  @Test
  void refusesAStepOfAPlanThatIsGone() {
    assertThrows(StaleRecordException.class, () -> ledger.save(step("a", "foo", "")));
  }

  @Test
  void listsTheMeshStepFirst() {
    ledger.save(plan("a", ""));
    ledger.save(step("a", "foo", ""));
    ledger.save(step("a", "", ""));
    ledger.save(step("a", "bar", ""));

    assertEquals(
        List.of("mesh", "bar", "foo"),
        ledger.steps("a").stream().map(s -> s.key().toString()).toList());
  }

  @Test
  void forgetsAPlanWithAllThatBelongsToIt() {
    PlanRecord plan = ledger.save(plan("a", ""));
    ledger.save(step("a", "foo", ""));
    ledger.append(event("a", "one"));

    ledger.delete("a", plan.version());

    assertTrue(ledger.plans().isEmpty());
    assertTrue(ledger.steps("a").isEmpty());
    assertTrue(ledger.events("a").isEmpty());
  }

  @Test
  void keepsTheLastTwoHundredEventsOfAPlanNewestFirst() {
    ledger.save(plan("a", ""));
    for (int i = 1; i <= 201; i++) {
      ledger.append(event("a", "event " + i));
    }

    List<Event> events = ledger.events("a");

    assertEquals(200, events.size());
    assertEquals("event 201", events.getFirst().message());
    assertEquals("event 2", events.getLast().message());
  }

  @Test
  void tellsSubscribersUntilTheyClose() throws Exception {
    ledger.save(plan("a", ""));
    List<String> heard = new ArrayList<>();
    AutoCloseable subscription = ledger.subscribe(e -> heard.add(e.id() + " " + e.message()));

    ledger.append(event("a", "one"));
    subscription.close();
    ledger.append(event("a", "two"));

    assertEquals(List.of("1 one"), heard);
  }

  private static PlanRecord plan(String name, String version) {
    return new PlanRecord(
        new PlanSpec(
            name,
            PlanSpec.Target.NAMESPACES,
            PlanSpec.Scope.EVERYTHING,
            List.of(),
            PlanSpec.Gates.DEFAULT,
            PlanSpec.Verification.DEFAULT,
            PlanSpec.OnFailure.ROLLBACK,
            PlanSpec.Apply.DIRECT,
            false,
            List.of()),
        "uid",
        version,
        1,
        PlanPhase.DRAFT,
        "somebody",
        NOW,
        null,
        null,
        List.of(),
        Map.of(),
        "",
        List.of());
  }

  private static StepRecord step(String plan, String namespace, String version) {
    return new StepRecord(
        plan,
        new StepKey(namespace),
        "uid",
        version,
        Phase.PENDING,
        NOW,
        Reason.PLAN_STARTED,
        "",
        List.of(),
        null,
        null,
        List.of(),
        null,
        List.of(),
        0,
        null,
        List.of(),
        null,
        false,
        false,
        Set.of(),
        1,
        null,
        Instant.EPOCH);
  }

  private static Event event(String plan, String message) {
    return new Event(
        0,
        NOW,
        plan,
        "",
        Event.Type.PLAN_CHANGED,
        "",
        "",
        Reason.REQUESTED,
        message,
        "somebody",
        Map.of());
  }
}
