// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.LockHolders;
import io.mtlsmigration.rollout.Overlaps;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Determines the steps of a plan. */
public final class PlanSteps {

  private PlanSteps() {}

  /** Returns the plan with namespaces that have appeared since, in the last wave. */
  public static PlanRecord join(
      PlanRecord plan, Set<String> members, MeshModes modes, RolloutLedger ledger) {
    List<String> newcomers = new ArrayList<>(WaveOrder.newcomers(plan, members, modes));
    // A namespace of another active plan belongs to that plan until it ends; until then it holds
    // the mesh step by name.
    newcomers.removeIf(name -> Overlaps.with(plan, new StepKey(name), ledger.plans()).isPresent());
    // Nobody was asked whether this plan's exceptions may open what another one has locked since.
    newcomers.removeIf(
        name ->
            plan.spec().exceptions().stream()
                .filter(exception -> exception.namespace().equals(name))
                .anyMatch(exception -> LockHolders.closed(plan, exception, ledger)));
    return newcomers.isEmpty() ? plan : ledger.save(joined(plan, newcomers));
  }

  private static PlanRecord joined(PlanRecord plan, List<String> newcomers) {
    List<Wave> waves = new ArrayList<>(plan.waves());
    Wave last = waves.isEmpty() ? new Wave("late", List.of()) : waves.removeLast();
    List<Wave.Member> members = new ArrayList<>(last.members());
    for (String namespace : newcomers) {
      members.add(new Wave.Member(namespace, "appeared after the plan had begun", true));
    }
    waves.add(new Wave(last.name(), members));
    Map<String, String> exempt = new HashMap<>(plan.exempt());
    exempt.keySet().removeAll(newcomers);
    return plan.withWaves(waves, exempt, plan.observation());
  }

  /**
   * Returns the plan with namespaces that have been made anew since as some that joined: what their
   * labels ask for was not known when it was made.
   */
  public static PlanRecord rejoin(
      PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes, RolloutLedger ledger) {
    Set<String> anew = new HashSet<>();
    steps.forEach(
        (key, step) -> {
          NamespaceFacts facts = modes.snapshot().namespace(key.namespace());
          if (!key.isMesh() && facts != null && !facts.uid().equals(step.namespaceUid())) {
            anew.add(key.namespace());
          }
        });
    if (anew.isEmpty()) {
      return plan;
    }
    List<Wave> waves =
        plan.waves().stream()
            .map(
                wave ->
                    new Wave(
                        wave.name(),
                        wave.members().stream()
                            .map(one -> anew.contains(one.namespace()) ? joined(one) : one)
                            .toList()))
            .toList();
    return waves.equals(plan.waves())
        ? plan
        : ledger.save(plan.withWaves(waves, plan.exempt(), plan.observation()));
  }

  private static Wave.Member joined(Wave.Member member) {
    return new Wave.Member(member.namespace(), member.reason(), true);
  }

  /** Returns the steps that the plan should have and does not. */
  public static List<StepRecord> missing(
      PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes, Instant now) {
    List<StepRecord> missing = new ArrayList<>();
    for (Wave wave : plan.waves()) {
      for (Wave.Member member : wave.members()) {
        if (!steps.containsKey(new StepKey(member.namespace()))) {
          missing.add(begin(plan, member.namespace(), modes, Phase.PENDING, now, member.reason()));
        }
      }
    }
    plan.exempt()
        .forEach(
            (namespace, why) -> {
              if (!steps.containsKey(new StepKey(namespace))) {
                missing.add(begin(plan, namespace, modes, Phase.EXEMPT, now, why));
              }
            });
    if (plan.spec().target() == PlanSpec.Target.MESH && !steps.containsKey(StepKey.MESH)) {
      missing.add(
          StepRecord.begin(
                  plan.name(),
                  StepKey.MESH,
                  modes.snapshot().root().uid(),
                  Phase.PENDING,
                  now,
                  Reason.PLAN_STARTED,
                  "the mesh step comes last")
              .withAttempt(plan.firstAttempt(StepKey.MESH)));
    }
    return missing;
  }

  /**
   * Returns the steps without a record that come before one that has one, in the order in which
   * records are created.
   */
  public static Set<StepKey> gaps(PlanRecord plan, Set<StepKey> present) {
    List<StepKey> order = new ArrayList<>();
    plan.waves()
        .forEach(wave -> wave.members().forEach(one -> order.add(new StepKey(one.namespace()))));
    plan.exempt().keySet().forEach(namespace -> order.add(new StepKey(namespace)));
    order.add(StepKey.MESH);
    int last = order.size() - 1;
    while (last >= 0 && !present.contains(order.get(last))) {
      last--;
    }
    Set<StepKey> gaps = new HashSet<>(order.subList(0, last + 1));
    gaps.removeAll(present);
    return gaps;
  }

  private static StepRecord begin(
      PlanRecord plan, String namespace, MeshModes modes, Phase phase, Instant now, String why) {
    NamespaceFacts facts = modes.snapshot().namespace(namespace);
    StepKey key = new StepKey(namespace);
    return StepRecord.begin(
            plan.name(),
            key,
            facts == null ? "" : facts.uid(),
            phase,
            now,
            phase == Phase.EXEMPT ? Reason.EXEMPT_BY_DEFAULT : Reason.PLAN_STARTED,
            why)
        .withAttempt(plan.firstAttempt(key));
  }

  /** Returns the step of a namespace that mesh-wide STRICT reached; it joins the last wave. */
  public static StepRecord newborn(
      PlanRecord plan, String namespace, MeshModes modes, Instant now) {
    return begin(
        plan, namespace, modes, Phase.PENDING, now, "was born while the mesh was being locked");
  }
}
