// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.hazard.KnownCalls;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Calls that bypass Services, by the namespace that they concern. Without evidence no hazard finds
 * any: plaintext has a gate of its own, which does not take silence for absence.
 *
 * @param byNamespace calls to addresses of its pods
 * @param somewhere calls with an unknown destination
 */
record SeenCalls(
    TrafficReading reading, Map<String, List<DirectCall>> byNamespace, List<DirectCall> somewhere) {

  /** The window that most plans use as well, so that the reading is shared. */
  private static final Duration WINDOW = Duration.ofHours(24);

  static SeenCalls of(Function<Duration, TrafficReading> traffic, MeshSnapshot snapshot) {
    TrafficReading reading = traffic.apply(WINDOW);
    List<DirectCall> calls =
        reading.direct() instanceof Evidence.Measured<List<DirectCall>> measured
            ? measured.value()
            : List.of();
    return new SeenCalls(
        reading,
        byNamespace(calls, snapshot),
        calls.stream().filter(call -> call.destination().isEmpty()).toList());
  }

  private static Map<String, List<DirectCall>> byNamespace(
      List<DirectCall> calls, MeshSnapshot snapshot) {
    Set<String> addresses = new HashSet<>();
    calls.forEach(call -> addresses.add(call.address()));
    addresses.remove("");
    Map<String, List<DirectCall>> byNamespace = new HashMap<>();
    if (addresses.isEmpty()) {
      return byNamespace;
    }
    Map<String, String> owners = new HashMap<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      for (Pod pod : facts.pods()) {
        for (String ip : pod.addresses()) {
          if (addresses.contains(ip) && !pod.terminated() && !pod.hostNetwork()) {
            owners.put(ip, facts.name());
          }
        }
      }
    }
    for (DirectCall call : calls) {
      String owner = owners.get(call.address());
      if (owner != null) {
        byNamespace.computeIfAbsent(owner, n -> new ArrayList<>()).add(call);
      }
    }
    return byNamespace;
  }

  List<Finding> of(MeshModes modes, String namespace) {
    List<DirectCall> direct = new ArrayList<>(byNamespace.getOrDefault(namespace, List.of()));
    List<Edge> plaintext = somewhere.isEmpty() ? List.of() : plaintext(namespace);
    if (!plaintext.isEmpty()) {
      direct.addAll(somewhere);
    }
    return direct.isEmpty()
        ? List.of()
        : Hazards.seen(modes, namespace, new KnownCalls(direct, plaintext));
  }

  private List<Edge> plaintext(String namespace) {
    return reading.of(namespace) instanceof Evidence.Measured<NamespaceTraffic> measured
        ? measured.value().plaintext()
        : List.of();
  }
}
