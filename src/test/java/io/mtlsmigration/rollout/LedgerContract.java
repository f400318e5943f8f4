// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What {@link RolloutLedger} promises, of whatever keeps it. */
public abstract class LedgerContract {

  /** The same one throughout a test, and empty at its beginning. */
  protected abstract RolloutLedger ledger();

  @Test
  final void showsASaveAtOnce() {
    PlanRecord plan = ledger().save(Records.plan("q4"));
    StepRecord step = ledger().save(Records.step("q4", "foo"));

    assertFalse(plan.version().isEmpty());
    assertFalse(step.version().isEmpty());
    assertEquals(plan, ledger().plan("q4").orElseThrow());
    assertEquals(List.of(plan), ledger().plans());
    assertEquals(step, ledger().step("q4", new StepKey("foo")).orElseThrow());
    assertEquals(List.of(step), ledger().steps("q4"));
  }

  @Test
  final void knowsNothingOfWhatWasNeverSaved() {
    ledger().save(Records.plan("q4"));

    assertTrue(ledger().plan("q1").isEmpty());
    assertTrue(ledger().step("q4", new StepKey("foo")).isEmpty());
    assertTrue(ledger().step("q1", new StepKey("foo")).isEmpty());
    assertEquals(List.of(), ledger().steps("q1"));
    assertEquals(List.of(), ledger().events("q1"));
  }

  @Test
  final void refusesASaveThatWasDecidedOnAnOlderRecord() {
    PlanRecord first = ledger().save(Records.plan("q4"));
    PlanRecord second = ledger().save(Records.with(first, PlanPhase.RUNNING));
    StepRecord step = ledger().save(Records.step("q4", "foo"));
    StepRecord next = ledger().save(Records.with(step, "one"));

    assertThrows(
        StaleRecordException.class, () -> ledger().save(Records.with(first, PlanPhase.ABORTED)));
    assertThrows(StaleRecordException.class, () -> ledger().save(Records.with(step, "two")));

    assertNotEquals(first.version(), second.version());
    assertNotEquals(step.version(), next.version());
    assertEquals(second, ledger().plan("q4").orElseThrow());
    assertEquals(next, ledger().step("q4", step.key()).orElseThrow());
  }

  @Test
  final void keepsOneRecordOfOpenings() {
    assertEquals(OpeningsRecord.NONE, ledger().openings());
    OpeningsRecord record =
        new OpeningsRecord(
            "",
            Map.of("foo", "a1", "bar", "b2"),
            Set.of("bar", "foo"),
            Map.of("foo", Records.NOW, "baz", Records.NOW.plusNanos(1000)));

    OpeningsRecord first = ledger().save(record);

    assertEquals(record.withVersion(first.version()), first);
    assertEquals(first, ledger().openings());
    OpeningsRecord second = ledger().save(OpeningsRecord.NONE.withVersion(first.version()));
    assertEquals(second, ledger().openings());
    assertThrows(StaleRecordException.class, () -> ledger().save(first));
    assertThrows(StaleRecordException.class, () -> ledger().save(record));
    assertEquals(second, ledger().openings());
  }

  @Test
  final void refusesToCreateTwice() {
    ledger().save(Records.plan("q4"));
    ledger().save(Records.step("q4", "foo"));

    assertThrows(StaleRecordException.class, () -> ledger().save(Records.plan("q4")));
    assertThrows(StaleRecordException.class, () -> ledger().save(Records.step("q4", "foo")));
  }

  @Test
  final void refusesAStepOfAPlanThatIsGone() {
    PlanRecord plan = ledger().save(Records.plan("q4"));
    StepRecord step = ledger().save(Records.step("q4", "foo"));
    ledger().delete("q4", plan.version());

    assertThrows(StaleRecordException.class, () -> ledger().save(Records.step("q4", "foo")));
    assertThrows(StaleRecordException.class, () -> ledger().save(Records.with(step, "two")));
    assertThrows(
        StaleRecordException.class, () -> ledger().save(Records.with(plan, PlanPhase.RUNNING)));
  }

  @Test
  final void listsPlansByNameAndTheMeshStepFirst() {
    ledger().save(Records.plan("q4"));
    ledger().save(Records.plan("a"));
    ledger().save(Records.step("q4", "foo"));
    ledger().save(Records.step("q4", ""));
    ledger().save(Records.step("q4", "bar"));

    assertEquals(List.of("a", "q4"), ledger().plans().stream().map(PlanRecord::name).toList());
    assertEquals(
        List.of("mesh", "bar", "foo"),
        ledger().steps("q4").stream().map(s -> s.key().toString()).toList());
  }

  @Test
  final void deletesOnlyWhatWasSeen() {
    PlanRecord first = ledger().save(Records.plan("q4"));
    PlanRecord second = ledger().save(Records.with(first, PlanPhase.RUNNING));

    assertThrows(StaleRecordException.class, () -> ledger().delete("q4", first.version()));

    assertEquals(second, ledger().plan("q4").orElseThrow());
  }

  @Test
  final void forgetsAPlanWithAllThatBelongsToIt() {
    ledger().save(Records.plan("kept"));
    ledger().save(Records.step("kept", "foo"));
    PlanRecord plan = ledger().save(Records.plan("q4"));
    ledger().save(Records.step("q4", "foo"));
    ledger().append(Records.event("q4", "foo", "one"));

    ledger().delete("q4", plan.version());

    assertTrue(ledger().plan("q4").isEmpty());
    assertTrue(ledger().steps("q4").isEmpty());
    assertTrue(ledger().events("q4").isEmpty());
    assertEquals(1, ledger().plans().size());
    assertEquals(1, ledger().steps("kept").size());
  }

  @Test
  final void beginsAnewUnderANameThatWasDeleted() {
    PlanRecord old = ledger().save(Records.plan("q4"));
    ledger().save(Records.step("q4", "foo"));
    ledger().append(Records.event("q4", "foo", "one"));
    ledger().delete("q4", old.version());

    PlanRecord plan = ledger().save(Records.plan("q4"));

    assertNotEquals(old.version(), plan.version());
    assertTrue(ledger().steps("q4").isEmpty());
    assertTrue(ledger().events("q4").isEmpty());
    assertThrows(
        StaleRecordException.class, () -> ledger().save(Records.with(old, PlanPhase.RUNNING)));
  }

  @Test
  final void keepsTheLastEventsOfAPlanNewestFirst() {
    ledger().save(Records.plan("q4"));
    ledger().save(Records.plan("q1"));
    ledger().append(Records.event("q1", "", "of another"));
    int kept = History.NEWEST + History.OLDER + History.REQUESTS;
    for (int i = 1; i <= kept + 1; i++) {
      ledger().append(Records.event("q4", "", "event " + i));
    }

    List<Event> events = ledger().events("q4");

    assertEquals(kept, events.size());
    assertEquals("event " + (kept + 1), events.getFirst().message());
    assertEquals("event 2", events.getLast().message());
    assertEquals(kept + 1, ledger().events("").size());
    assertEquals("of another", ledger().events("").getLast().message());
    for (int i = 1; i < events.size(); i++) {
      assertTrue(events.get(i - 1).id() > events.get(i).id());
    }
  }

  @Test
  final void tellsSubscribersUntilTheyClose() throws Exception {
    ledger().save(Records.plan("q4"));
    List<Event> heard = new ArrayList<>();
    AutoCloseable subscription = ledger().subscribe(heard::add);

    Event first = ledger().append(Records.event("q4", "", "one"));
    subscription.close();
    ledger().append(Records.event("q4", "", "two"));

    assertEquals(List.of(first), heard);
  }
}
