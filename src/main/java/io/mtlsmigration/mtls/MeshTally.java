// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * All namespaces together in numbers, from the tally of each.
 *
 * @param namespaces number of namespaces by posture
 * @param workloadsByPosture number of workloads, by what all ports of their captured pods enforce
 *     together
 * @param byDataPlane number of pods by data plane
 */
public record MeshTally(
    Map<Posture, Integer> namespaces,
    Map<Posture, Integer> workloadsByPosture,
    Map<DataPlane, Integer> byDataPlane,
    int workloads,
    int pods) {

  private static final MeshTally NONE = new MeshTally(Map.of(), Map.of(), Map.of(), 0, 0);

  static MeshTally of(NamespaceModes[] all) {
    Sum sum = new Sum(NONE);
    for (NamespaceModes modes : all) {
      sum.add(modes.tally(), 1);
    }
    return sum.tally();
  }

  /** Returns the tally after one namespace has changed. */
  MeshTally with(NamespaceTally before, NamespaceTally after) {
    if (before.equals(after)) {
      return this;
    }
    Sum sum = new Sum(this);
    sum.add(before, -1);
    sum.add(after, 1);
    return sum.tally();
  }

  /** Maps in the order of the enums, which answers of the API keep. */
  private static final class Sum {
    private final Map<Posture, Integer> namespaces = new EnumMap<>(Posture.class);
    private final Map<Posture, Integer> postures = new EnumMap<>(Posture.class);
    private final Map<DataPlane, Integer> planes = new EnumMap<>(DataPlane.class);
    private int workloads;
    private int pods;

    Sum(MeshTally first) {
      namespaces.putAll(first.namespaces);
      postures.putAll(first.workloadsByPosture);
      planes.putAll(first.byDataPlane);
      workloads = first.workloads;
      pods = first.pods;
    }

    void add(NamespaceTally tally, int times) {
      add(namespaces, tally.posture(), times);
      tally.workloadsByPosture().forEach((posture, n) -> add(postures, posture, n * times));
      tally.byDataPlane().forEach((plane, n) -> add(planes, plane, n * times));
      workloads += tally.workloads() * times;
      pods += tally.pods() * times;
    }

    private static <K> void add(Map<K, Integer> counts, K key, int n) {
      counts.merge(key, n, (one, other) -> one + other == 0 ? null : one + other);
    }

    MeshTally tally() {
      return new MeshTally(
          Collections.unmodifiableMap(namespaces),
          Collections.unmodifiableMap(postures),
          Collections.unmodifiableMap(planes),
          workloads,
          pods);
    }
  }
}
