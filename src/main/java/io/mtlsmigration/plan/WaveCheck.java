// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec.Target;
import io.mtlsmigration.plan.PlanSpec.WaveSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/** Validates the waves of a spec. */
final class WaveCheck {

  private final PlanSpec spec;
  private final MeshSnapshot snapshot;
  private final ProblemList problems;

  /** The wave of each namespace, by name or by selector. */
  private final Map<String, String> taken = new HashMap<>();

  WaveCheck(PlanSpec spec, MeshSnapshot snapshot, ProblemList problems) {
    this.spec = spec;
    this.snapshot = snapshot;
    this.problems = problems;
  }

  void check(ScopedNamespaces scoped) {
    List<WaveSpec> waves = spec.waves();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < waves.size(); i++) {
      String pointer = "/waves/" + i;
      WaveSpec wave = waves.get(i);
      problems.require(
          ProblemList.isLabel(wave.name()),
          pointer + "/name",
          "INVALID_NAME",
          "'" + wave.name() + "' is not an RFC 1123 label: at most 63 of a-z, 0-9 and -");
      problems.require(
          names.add(wave.name()),
          pointer + "/name",
          "DUPLICATE_WAVE",
          "there are two waves " + wave.name());
      named(wave, pointer);
    }
    for (int i = 0; i < waves.size(); i++) {
      selected(waves.get(i), "/waves/" + i);
    }
    leftOver(scoped);
  }

  private void named(WaveSpec wave, String pointer) {
    for (int i = 0; i < wave.namespaces().size(); i++) {
      String name = wave.namespaces().get(i);
      String at = pointer + "/namespaces/" + i;
      NamespaceFacts facts = snapshot.namespace(name);
      if (snapshot.isRoot(name)) {
        problems.add(
            at,
            "ROOT_NAMESPACE",
            name + " is the root namespace: its policy is the mesh's, set by target MESH");
        continue;
      }
      if (facts == null) {
        problems.add(at, "UNKNOWN_NAMESPACE", "there is no namespace " + name);
        continue;
      }
      problems.require(
          ScopedNamespaces.inScope(spec.scope(), facts),
          at,
          "NAMESPACE_OUT_OF_SCOPE",
          "namespace " + name + " is not in the plan's scope");
      String other = taken.putIfAbsent(name, wave.name());
      problems.require(
          other == null,
          at,
          "OVERLAPPING_WAVES",
          "namespace " + name + " is in wave " + other + " already");
    }
  }

  /** Checks a selector. It takes the remaining namespaces; one for the rest may find none. */
  private void selected(WaveSpec wave, String pointer) {
    if (wave.selector() == null) {
      problems.require(
          !wave.namespaces().isEmpty(),
          pointer,
          "WAVE_WITHOUT_MEMBERS",
          "wave " + wave.name() + " names no namespaces and has no selector");
      return;
    }
    boolean any = false;
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      if (!snapshot.isRoot(facts.name())
          && ScopedNamespaces.inScope(spec.scope(), facts)
          && wave.selector().matches(facts.labels())) {
        any |= taken.putIfAbsent(facts.name(), wave.name()) == null;
      }
    }
    problems.require(
        any || wave.selector().isEmpty() || !wave.namespaces().isEmpty(),
        pointer + "/selector",
        "WAVE_WITHOUT_MEMBERS",
        "the selector of wave " + wave.name() + " matches no namespace that earlier waves left");
  }

  /** Reports namespaces in scope that no wave would ever reach. */
  private void leftOver(ScopedNamespaces scoped) {
    boolean meant = spec.target() == Target.MESH || !spec.scope().isEverything();
    if (spec.waves().isEmpty() || !meant) {
      return;
    }
    NavigableSet<String> left = new TreeSet<>(scoped.members());
    left.removeAll(taken.keySet());
    problems.require(
        left.isEmpty(),
        "/waves",
        "NAMESPACES_WITHOUT_WAVE",
        left
            + " are in scope, but in no wave: add {\"name\": \"rest\", \"selector\": {}} as the"
            + " last");
  }
}
