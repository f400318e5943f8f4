// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Finds plans that would undo each other's work: a namespace, or the mesh, has one at a time. */
public final class Overlaps {

  private static final Comparator<PlanRecord> STARTED =
      Comparator.comparing(
              PlanRecord::startedAt, Comparator.nullsLast(Comparator.<Instant>naturalOrder()))
          .thenComparing(PlanRecord::name);

  private Overlaps() {}

  /**
   * Returns, in words, the first active plan that overlaps with {@code plan}; empty when there is
   * none.
   */
  public static Optional<String> with(PlanRecord plan, List<PlanRecord> all) {
    return all.stream()
        .filter(other -> other.active() && !other.name().equals(plan.name()))
        .flatMap(
            other ->
                common(plan, other)
                    .map(what -> "plan " + other.name() + " already " + what + "; one at a time")
                    .stream())
        .findFirst();
  }

  /**
   * Returns, in words, the first plan that overlaps with {@code plan} and is active, or has ended
   * and still owes something in a namespace of {@code plan}; empty when there is none.
   */
  public static Optional<String> with(PlanRecord plan, RolloutLedger ledger) {
    List<PlanRecord> all = ledger.plans();
    return with(plan, all)
        .or(
            () -> {
              Set<String> own = members(plan);
              return all.stream()
                  .filter(other -> !other.active() && !other.name().equals(plan.name()))
                  .flatMap(other -> ledger.steps(other.name()).stream())
                  .filter(Overlaps::owes)
                  .filter(step -> has(plan, own, step.key()))
                  .findFirst()
                  .map(Overlaps::owed);
            });
  }

  /** Returns whether a step may write once more, also after its plan has ended. */
  private static boolean owes(StepRecord step) {
    return step.request() != null || step.phase().underWay();
  }

  private static String owed(StepRecord step) {
    String what =
        switch (step.phase()) {
          case ROLLING_BACK -> "rolls " + step.key() + " back";
          case LOCKING, VERIFYING ->
              "verifies "
                  + step.key()
                  + ", and may roll it back: roll it back, or delete that plan and keep its policies";
          default ->
              "has to "
                  + Words.of(Objects.requireNonNull(step.request()).action())
                  + " "
                  + step.key();
        };
    return "plan " + step.plan() + " still " + what + "; one at a time";
  }

  /**
   * Returns, in words, the first overlapping plan that a person stopped while this draft waited:
   * only a person starts the same work again. Empty when there is none.
   */
  public static Optional<String> stopped(PlanRecord draft, List<PlanRecord> all) {
    return all.stream()
        .filter(other -> !other.name().equals(draft.name()) && common(draft, other).isPresent())
        .filter(other -> stoppedSince(other, draft.createdAt()))
        .map(
            other ->
                "plan %s was stopped (%s) while this draft waited; start it by command"
                    .formatted(other.name(), Words.of(other.phase())))
        .findFirst();
  }

  private static boolean stoppedSince(PlanRecord plan, Instant since) {
    boolean stopped = plan.phase() == PlanPhase.ABORTED || plan.phase() == PlanPhase.ROLLED_BACK;
    return stopped && Limits.since(plan.endedAt(), since);
  }

  /** Returns what both plans write; empty when they have nothing in common. */
  private static Optional<String> common(PlanRecord plan, PlanRecord other) {
    if (plan.spec().target() == PlanSpec.Target.MESH
        && other.spec().target() == PlanSpec.Target.MESH) {
      return Optional.of("takes the mesh");
    }
    List<String> both = new ArrayList<>(members(plan));
    both.retainAll(members(other));
    return both.isEmpty() ? Optional.empty() : Optional.of("has " + Words.list(both));
  }

  /** Returns, in words, the active plan with this step's namespace, or the mesh; else empty. */
  public static Optional<String> with(PlanRecord plan, StepKey key, List<PlanRecord> all) {
    return others(plan, key, all)
        .filter(PlanRecord::active)
        .findFirst()
        .map(other -> "plan " + other.name() + " already has " + key + "; one at a time");
  }

  /**
   * Returns, in words, the active plan that has this step's namespace, or the mesh, and that was
   * started before; empty when there is none. Two replicas that do not know of each other's
   * commands may have started both. What a plan that has ended still owes gives way to each plan
   * that was started since.
   */
  public static Optional<String> before(PlanRecord plan, StepKey key, List<PlanRecord> all) {
    Instant ended = plan.endedAt();
    return ended == null
        ? with(plan, key, all.stream().filter(other -> STARTED.compare(other, plan) < 0).toList())
        : others(plan, key, all)
            .filter(other -> Limits.since(other.startedAt(), ended))
            .findFirst()
            .map(other -> "plan " + other.name() + " was started since, and has " + key);
  }

  private static Stream<PlanRecord> others(PlanRecord plan, StepKey key, List<PlanRecord> all) {
    return all.stream()
        .filter(other -> !other.name().equals(plan.name()))
        .filter(other -> has(other, members(other), key));
  }

  private static boolean has(PlanRecord plan, Set<String> members, StepKey key) {
    return key.isMesh()
        ? plan.spec().target() == PlanSpec.Target.MESH
        : members.contains(key.namespace());
  }

  /** Returns where a plan may write; for a mesh plan also where it leaves something open. */
  private static Set<String> members(PlanRecord plan) {
    Set<String> members = new TreeSet<>();
    plan.waves().forEach(wave -> members.addAll(wave.namespaces()));
    if (plan.spec().target() == PlanSpec.Target.MESH) {
      members.addAll(plan.exempt().keySet());
    }
    return members;
  }
}
