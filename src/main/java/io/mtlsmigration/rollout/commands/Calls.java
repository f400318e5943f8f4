// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.CallGraph;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Calls observed between namespaces, for the order of computed waves. */
final class Calls {

  private Calls() {}

  static CallGraph of(Observation observation, Duration window) {
    TrafficReading traffic = observation.traffic(window);
    Map<String, Set<String>> clients = new HashMap<>();
    for (String namespace : observation.modes().snapshot().namespaces().keySet()) {
      if (traffic.of(namespace)
          instanceof Evidence.Measured<NamespaceTraffic>(var measured, var asOf)) {
        Set<String> callers = callers(namespace, measured);
        if (!callers.isEmpty()) {
          clients.put(namespace, callers);
        }
      }
    }
    return new CallGraph(clients);
  }

  private static Set<String> callers(String namespace, NamespaceTraffic traffic) {
    Set<String> callers = new TreeSet<>();
    for (Edge edge : traffic.edges()) {
      WorkloadRef client = edge.client().workload();
      if (client != null && edge.count() > 0 && !client.namespace().equals(namespace)) {
        callers.add(client.namespace());
      }
    }
    return callers;
  }
}
