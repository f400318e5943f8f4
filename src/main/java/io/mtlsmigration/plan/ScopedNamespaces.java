// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec.Scope;
import io.mtlsmigration.plan.PlanSpec.WaveSpec;
import java.util.Collections;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The namespaces of a plan.
 *
 * @param members to be locked, in name order
 * @param exempt in scope, but not to be locked, with the reason
 */
record ScopedNamespaces(NavigableSet<String> members, NavigableMap<String, String> exempt) {

  /** Kubernetes' own; open by default, because their clients are nodes and the API server. */
  static final Set<String> SYSTEM = Set.of("kube-system", "kube-public", "kube-node-lease");

  ScopedNamespaces {
    members = Collections.unmodifiableNavigableSet(members);
    exempt = Collections.unmodifiableNavigableMap(exempt);
  }

  static ScopedNamespaces of(PlanSpec spec, MeshSnapshot snapshot) {
    NavigableSet<String> members = new TreeSet<>();
    NavigableMap<String, String> exempt = new TreeMap<>();
    Set<String> named = new HashSet<>(spec.scope().namespaces());
    spec.waves().stream().map(WaveSpec::namespaces).forEach(named::addAll);
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      if (snapshot.isRoot(facts.name()) || !inScope(spec.scope(), facts)) {
        continue;
      }
      String why = whyNot(facts, named.contains(facts.name()));
      if (why.isEmpty()) {
        members.add(facts.name());
      } else {
        exempt.put(facts.name(), why);
      }
    }
    return new ScopedNamespaces(members, exempt);
  }

  /** Returns whether it is in scope by name or label; an empty selector adds nothing to names. */
  static boolean inScope(Scope scope, NamespaceFacts facts) {
    if (scope.isEverything() || scope.namespaces().contains(facts.name())) {
      return true;
    }
    return scope.selector() != null
        && !scope.selector().isEmpty()
        && scope.selector().matches(facts.labels());
  }

  private static String whyNot(NamespaceFacts facts, boolean named) {
    if (SYSTEM.contains(facts.name()) && !named) {
      return "Kubernetes' own namespace: open by default, name it to lock it";
    }
    if (facts.terminating()) {
      return "is being deleted";
    }
    return facts.capturedPods() == 0
        ? "nothing captured: no pod here has a proxy, so there is nothing to lock"
        : "";
  }
}
