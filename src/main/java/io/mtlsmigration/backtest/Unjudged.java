// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * Something that a backtest does not judge.
 *
 * @param message a sentence
 */
public record Unjudged(UnjudgedKind kind, String message) {

  /**
   * Returns all of it.
   *
   * @param leftOut number of namespaces in the plan's waves that were not asked about
   * @param partlyOpen servers of which exceptions leave some ports open
   */
  public static List<Unjudged> of(PlanSpec spec, int leftOut, List<String> partlyOpen) {
    List<Unjudged> all = new ArrayList<>();
    all.add(new Unjudged(UnjudgedKind.GATES, gates(spec)));
    all.add(
        new Unjudged(
            UnjudgedKind.VERIFICATION,
            "the next wave waits for a verification of %s; that one fails when more than %s refused within it, and takes the lock back, is not judged"
                .formatted(
                    spec.verification().duration(),
                    Words.counted(spec.verification().maxRefusals(), "call")
                        + (spec.verification().maxRefusals() == 1 ? " is" : " are"))));
    if (leftOut > 0) {
      all.add(
          new Unjudged(
              UnjudgedKind.NAMESPACES_LEFT_OUT,
              Words.counted(leftOut, "namespace")
                  + (leftOut == 1 ? " of the plan was" : " of the plan were")
                  + " not asked about: nobody waits for those of earlier waves here, as the plan"
                  + " would"));
    }
    if (spec.target() == PlanSpec.Target.MESH) {
      all.add(
          new Unjudged(UnjudgedKind.MESH_STEP, "the mesh step, which comes after all namespaces"));
    }
    if (!partlyOpen.isEmpty()) {
      all.add(
          new Unjudged(
              UnjudgedKind.PORTS,
              "history tells no ports: all plaintext to "
                  + Words.list(partlyOpen)
                  + " counts, though exceptions leave some of their ports open"));
    }
    all.add(
        new Unjudged(
            UnjudgedKind.AS_OF_NOW,
            "waves, exceptions, servers, their proxies and CronJobs are taken to have been what"
                + " they are now"));
    all.add(
        new Unjudged(
            UnjudgedKind.EARLIER_STRICT,
            "whom a proxy refuses it does not count: while a server was STRICT and nobody here"
                + " knows of it, its clients look silent"));
    all.add(
        new Unjudged(
            UnjudgedKind.OWN_PROBES,
            "the service's own probes count as plaintext where the source only counts"));
    all.add(
        new Unjudged(
            UnjudgedKind.RESOLUTION,
            "times are known to the hour: opensAt is the latest time, and calls of the hour of a"
                + " lock count from the next one on"));
    return List.copyOf(all);
  }

  private static String gates(PlanSpec spec) {
    List<String> gates = new ArrayList<>(List.of("capture", "hazards"));
    if (spec.gates().audit() != null) {
      gates.add("audit");
    }
    if (spec.gates().probes()) {
      gates.add("probes");
    }
    gates.add("sync");
    if (!spec.gates().hooks().isEmpty()) {
      gates.add("hooks");
    }
    if (spec.gates().approval() != PlanSpec.Approval.NONE) {
      gates.add("approval");
    }
    return "of the gates "
        + String.join(", ", gates)
        + " history tells nothing: they are taken to have passed at once, and each may have held"
        + " longer, or for good"
        + (spec.apply() == PlanSpec.Apply.MANIFEST
            ? "; so is when somebody would have applied the manifests"
            : "");
  }
}
