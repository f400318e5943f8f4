// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.plan.Impact;
import io.mtlsmigration.plan.ImpactStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.traffic.TrafficReading;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** Hashes of the impact that a person approves. */
public final class ImpactHashes {

  private ImpactHashes() {}

  /** Returns the impact of one step under a plan, as it has to be shown for approval. */
  public static Impact impact(PlanRecord plan, StepKey key, Observation observation) {
    PlanSpec spec = plan.spec();
    TrafficReading traffic = observation.traffic(spec.gates().plaintextWindow());
    Impact impact =
        key.isMesh()
            ? ImpactStudy.mesh(observation.modes(), spec, traffic, observation.matrix())
            : ImpactStudy.namespace(
                observation.modes(),
                key.namespace(),
                MtlsMode.STRICT,
                spec,
                traffic,
                observation.matrix());
    return under(plan, impact);
  }

  /**
   * Returns an impact as it is shown under a plan. Who approves it has seen this plan's gates: not
   * those of a later generation, nor those of another plan that is made under its name.
   */
  public static Impact under(PlanRecord plan, Impact impact) {
    return impact.under(plan.createdAt() + " " + plan.generation());
  }

  /** Returns the half of such a hash that is of what an approval takes over. */
  static String takeovers(PlanRecord plan, StepKey key, Observation observation) {
    return key.isMesh()
        ? ImpactStudy.takeoversOfMesh(observation.modes(), plan.spec())
        : ImpactStudy.takeoversOfNamespace(observation.modes(), key.namespace(), plan.spec());
  }

  public static String of(PlanRecord plan, StepKey key, Observation observation) {
    return impact(plan, key, observation).hash();
  }

  /** Returns one hash over the impacts of all members of a wave, in the order of the wave. */
  public static String wave(PlanRecord plan, Wave wave, Observation observation) {
    SequencedMap<String, String> impacts = new LinkedHashMap<>();
    for (String namespace : wave.namespaces()) {
      impacts.put(namespace, of(plan, new StepKey(namespace), observation));
    }
    return Digest.ofWave(impacts);
  }
}
