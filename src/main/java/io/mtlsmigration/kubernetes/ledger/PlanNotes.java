package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.kubernetes.resource.EventEntry;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a plan's status has beside its record: what is told to people, and moves without the plan
 * having changed.
 */
record PlanNotes(
    List<Condition> conditions,
    @Nullable String progress,
    @Nullable String waiting,
    Map<String, Integer> counts,
    @Nullable Long observedGeneration,
    List<EventEntry> events,
    boolean deleting) {

  static final PlanNotes NONE =
      new PlanNotes(List.of(), null, null, Map.of(), null, List.of(), false);

  PlanNotes {
    conditions = List.copyOf(conditions);
    counts = Map.copyOf(counts);
    events = List.copyOf(events);
  }

  static PlanNotes of(@Nullable MigrationPlanStatus status) {
    return status == null
        ? NONE
        : new PlanNotes(
            Values.list(status.conditions()),
            status.progress(),
            status.waiting(),
            Values.map(status.counts()),
            status.observedGeneration(),
            Values.list(status.events()),
            Boolean.TRUE.equals(status.deleting()));
  }

  PlanNotes withEvents(List<EventEntry> next) {
    return new PlanNotes(conditions, progress, waiting, counts, observedGeneration, next, deleting);
  }

  PlanNotes withConditions(List<Condition> next) {
    return new PlanNotes(next, progress, waiting, counts, observedGeneration, events, deleting);
  }

  PlanNotes withObservedGeneration(@Nullable Long next) {
    return new PlanNotes(conditions, progress, waiting, counts, next, events, deleting);
  }

  PlanNotes withProgress(
      @Nullable String done, @Nullable String waitsFor, Map<String, Integer> byPhase) {
    return new PlanNotes(conditions, done, waitsFor, byPhase, observedGeneration, events, deleting);
  }

  PlanNotes going() {
    return new PlanNotes(conditions, progress, waiting, counts, observedGeneration, events, true);
  }
}
