// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The ports that exceptions keep open on a pod.
 *
 * @param all true when an exception without a port opens the whole workload
 * @param ports container ports; empty when {@code all}
 */
record OpenPorts(boolean all, Set<Integer> ports) {

  OpenPorts {
    ports = Set.copyOf(ports);
  }

  /** Returns what the exceptions that select this pod keep open on it. */
  static OpenPorts of(Pod pod, Collection<PolicyException> exceptions) {
    return of(exceptions.stream().filter(e -> selects(e, pod)).toList());
  }

  /** Returns what these exceptions keep open together. */
  static OpenPorts of(List<PolicyException> exceptions) {
    Set<Integer> ports = new TreeSet<>();
    for (PolicyException exception : exceptions) {
      Integer port = exception.port();
      if (port == null) {
        return new OpenPorts(true, Set.of());
      }
      ports.add(port);
    }
    return new OpenPorts(false, ports);
  }

  /** Returns false for an exception without a selector: Istio has no such workload policy. */
  static boolean selects(PolicyException exception, Pod pod) {
    return !exception.selector().isEmpty()
        && LabelSelector.containsAll(pod.labels(), exception.selector());
  }

  boolean isNone() {
    return !all && ports.isEmpty();
  }

  @Override
  public String toString() {
    return all ? "all ports" : "ports " + new TreeSet<>(ports);
  }
}
