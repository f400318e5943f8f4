// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.kubernetes.resource.EventEntry;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Subject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of a plan's status beside its record: information for people, which changes without the
 * plan having changed.
 */
record PlanStatusSummary(
    List<Condition> conditions,
    @Nullable String progress,
    @Nullable String waiting,
    List<Subject> awaiting,
    Map<String, Integer> counts,
    @Nullable Long observedGeneration,
    List<EventEntry> events,
    boolean deleting) {

  static final PlanStatusSummary NONE =
      new PlanStatusSummary(List.of(), null, null, List.of(), Map.of(), null, List.of(), false);

  PlanStatusSummary {
    conditions = List.copyOf(conditions);
    awaiting = List.copyOf(awaiting);
    counts = Map.copyOf(counts);
    events = List.copyOf(events);
  }

  static PlanStatusSummary of(@Nullable MigrationPlanStatus status) {
    return status == null
        ? NONE
        : new PlanStatusSummary(
            Values.list(status.conditions()),
            status.progress(),
            status.waiting(),
            Values.list(status.awaiting()),
            Values.map(status.counts()),
            status.observedGeneration(),
            Values.list(status.events()),
            Boolean.TRUE.equals(status.deleting()));
  }

  /** Returns whether it has a condition of a type, true or false. */
  boolean says(String type) {
    return conditions.stream().anyMatch(condition -> type.equals(condition.type()));
  }

  PlanStatusSummary withEvents(List<EventEntry> next) {
    return new PlanStatusSummary(
        conditions, progress, waiting, awaiting, counts, observedGeneration, next, deleting);
  }

  PlanStatusSummary withConditions(List<Condition> next) {
    return new PlanStatusSummary(
        next, progress, waiting, awaiting, counts, observedGeneration, events, deleting);
  }

  PlanStatusSummary withObservedGeneration(@Nullable Long next) {
    return new PlanStatusSummary(
        conditions, progress, waiting, awaiting, counts, next, events, deleting);
  }

  PlanStatusSummary withProgress(
      @Nullable String done,
      @Nullable String waitsFor,
      List<Subject> asksFor,
      Map<String, Integer> byPhase) {
    return new PlanStatusSummary(
        conditions, done, waitsFor, asksFor, byPhase, observedGeneration, events, deleting);
  }

  PlanStatusSummary going() {
    return new PlanStatusSummary(
        conditions, progress, waiting, awaiting, counts, observedGeneration, events, true);
  }
}
