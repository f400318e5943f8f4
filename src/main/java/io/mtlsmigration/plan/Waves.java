// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec.WaveSpec;
import io.mtlsmigration.plan.Wave.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Computes the order of namespaces. Waves of the spec are taken as they are; otherwise the
 * namespaces with the least risk come first, one alone to begin with, and each wave is larger than
 * the one before, so that a mistake affects few.
 */
final class Waves {

  /** The share of all namespaces that a wave may hold, after the first, which holds one. */
  private static final List<Double> SHARES = List.of(0.10, 0.25, 0.50);

  private Waves() {}

  static List<Wave> of(PlanSpec spec, MeshModes modes, ScopedNamespaces scoped, CallGraph calls) {
    return spec.waves().isEmpty()
        ? computed(modes, scoped.members(), calls)
        : given(spec, modes.snapshot(), scoped.members());
  }

  private static List<Wave> given(
      PlanSpec spec, MeshSnapshot snapshot, NavigableSet<String> members) {
    NavigableSet<String> left = new TreeSet<>(members);
    List<Wave> waves = new ArrayList<>();
    for (WaveSpec wave : spec.waves()) {
      List<Member> chosen = new ArrayList<>();
      for (String name : wave.namespaces()) {
        if (left.remove(name)) {
          chosen.add(new Member(name, "named in wave " + wave.name()));
        }
      }
      if (wave.selector() != null) {
        for (String name : List.copyOf(left)) {
          NamespaceFacts facts = snapshot.namespace(name);
          // A selector does not take namespaces that a later wave names.
          if (facts != null
              && wave.selector().matches(facts.labels())
              && !namedLater(spec, wave, name)) {
            left.remove(name);
            chosen.add(new Member(name, "selected by wave " + wave.name()));
          }
        }
      }
      if (!chosen.isEmpty()) {
        waves.add(new Wave(wave.name(), chosen));
      }
    }
    return waves;
  }

  private static boolean namedLater(PlanSpec spec, WaveSpec wave, String namespace) {
    List<WaveSpec> later =
        spec.waves().subList(spec.waves().indexOf(wave) + 1, spec.waves().size());
    return later.stream().anyMatch(w -> w.namespaces().contains(namespace));
  }

  private static List<Wave> computed(MeshModes modes, Collection<String> members, CallGraph calls) {
    List<Risk> order =
        members.stream().map(name -> Risk.of(modes, name, calls)).sorted(Risk.LEAST_FIRST).toList();
    List<Wave> waves = new ArrayList<>();
    int taken = 0;
    while (taken < order.size()) {
      int size = Math.min(size(waves.size(), order.size()), order.size() - taken);
      List<Member> next =
          order.subList(taken, taken + size).stream()
              .map(risk -> new Member(risk.namespace(), risk.words()))
              .toList();
      waves.add(new Wave(String.format(Locale.ROOT, "wave-%d", waves.size() + 1), next));
      taken += size;
    }
    return waves;
  }

  private static int size(int wave, int all) {
    if (wave == 0) {
      return 1;
    }
    double share = SHARES.get(Math.min(wave, SHARES.size()) - 1);
    return Math.max(1, (int) Math.ceil(all * share));
  }

  /**
   * The risk of a namespace.
   *
   * @param openClients namespaces that are known to call it and have pods without a proxy
   * @param uncaptured own pods without a proxy: most likely to call their neighbours
   * @param blockers hazards that hold the lock
   * @param warnings hazards that may break clients
   * @param doors services that are published outside the cluster
   * @param captured pods that the lock is for
   */
  private record Risk(
      String namespace,
      long openClients,
      long blockers,
      long uncaptured,
      long warnings,
      long doors,
      long captured) {

    static final Comparator<Risk> LEAST_FIRST =
        Comparator.comparingLong(Risk::openClients)
            .thenComparingLong(Risk::blockers)
            .thenComparingLong(Risk::uncaptured)
            .thenComparingLong(Risk::warnings)
            .thenComparingLong(Risk::doors)
            .thenComparingLong(Risk::captured)
            .thenComparing(Risk::namespace);

    static Risk of(MeshModes modes, String namespace, CallGraph calls) {
      NamespaceFacts facts = modes.namespace(namespace).facts();
      List<Finding> findings = Hazards.of(modes, namespace);
      return new Risk(
          namespace,
          calls.clientsOf(namespace).stream()
              .filter(client -> uncaptured(modes.namespace(client).facts()) > 0)
              .count(),
          count(findings, Severity.BLOCKER),
          uncaptured(facts),
          count(findings, Severity.WARNING),
          facts.services().stream().filter(Risk::published).count(),
          facts.capturedPods());
    }

    private static long uncaptured(NamespaceFacts facts) {
      return facts.pods().stream()
          .filter(pod -> !pod.terminated() && pod.dataPlane() == DataPlane.NONE)
          .count();
    }

    private static long count(List<Finding> findings, Severity severity) {
      return findings.stream().filter(finding -> finding.severity() == severity).count();
    }

    private static boolean published(Service service) {
      return service.type() == Service.Type.NODE_PORT
          || service.type() == Service.Type.LOAD_BALANCER;
    }

    String words() {
      List<String> parts = new ArrayList<>();
      parts.add(captured + (captured == 1 ? " captured pod" : " captured pods"));
      parts.add(uncaptured == 0 ? "all captured" : uncaptured + " without a proxy");
      if (openClients > 0) {
        parts.add(
            openClients
                + (openClients == 1 ? " calling namespace" : " calling namespaces")
                + " with pods without a proxy");
      }
      if (blockers + warnings > 0) {
        parts.add(
            blockers
                + " blocking and "
                + warnings
                + (warnings == 1 ? " warning finding" : " warning findings"));
      }
      if (doors > 0) {
        parts.add(
            doors + (doors == 1 ? " service" : " services") + " published outside the cluster");
      }
      return String.join(", ", parts);
    }
  }
}
