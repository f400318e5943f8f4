// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The times since which servers have counted a dry run, by when they were scraped and whether they
 * counted then.
 *
 * @param begin of the reading's first step
 * @param missed the longest time without a sample of a pod that is scraped
 */
record ShadowPresence(MeshSnapshot facts, Instant begin, Instant asOf, Duration missed) {

  /** The age below which a pod may not have been scraped yet. */
  private static final Duration YOUNG = Duration.ofMinutes(1);

  /** Returns whether a pod's proxy has to count. */
  static boolean meant(Pod pod, Instant asOf) {
    return pod.dataPlane() == DataPlane.SIDECAR
        && !pod.terminated()
        && pod.createdAt().plus(YOUNG).isBefore(asOf);
  }

  /** Returns since when every server has counted without a break, of namespaces with any series. */
  Map<String, Instant> countedSince(List<ShadowSeries> series) {
    Map<String, Instant> since = new HashMap<>();
    series.stream()
        .collect(Collectors.groupingBy(ShadowSeries::namespace))
        .forEach(
            (name, own) -> {
              NamespaceFacts known = facts.namespace(name);
              if (known != null) {
                since.put(name, every(known, seen(known, own)));
              }
            });
    return since;
  }

  /** Returns when any pod of each workload was scraped, and whether one counted then. */
  private static Map<WorkloadRef, NavigableMap<Instant, Boolean>> seen(
      NamespaceFacts known, List<ShadowSeries> series) {
    PodWorkloads workloads = new PodWorkloads(known);
    Map<WorkloadRef, NavigableMap<Instant, Boolean>> seen = new HashMap<>();
    for (ShadowSeries one : series) {
      NavigableMap<Instant, Boolean> samples =
          seen.computeIfAbsent(workloads.of(one.pod()), workload -> new TreeMap<>());
      for (QueryResult.Sample sample : one.samples()) {
        Instant at = Instant.ofEpochMilli(Math.round(sample.at() * 1000));
        samples.merge(at, one.counts(), Boolean::logicalOr);
      }
    }
    return seen;
  }

  private Instant every(
      NamespaceFacts known, Map<WorkloadRef, NavigableMap<Instant, Boolean>> seen) {
    // Of a workload its oldest pod tells: it has been there for the longest time.
    Map<WorkloadRef, Instant> oldest = new HashMap<>();
    for (Pod pod : known.pods()) {
      if (meant(pod, asOf)) {
        oldest.merge(
            pod.workload(), pod.createdAt(), (one, other) -> one.isBefore(other) ? one : other);
      }
    }
    Instant since = begin;
    for (Map.Entry<WorkloadRef, Instant> one : oldest.entrySet()) {
      Instant counts =
          since(one.getValue(), seen.getOrDefault(one.getKey(), Collections.emptyNavigableMap()));
      since = counts.isAfter(since) ? counts : since;
    }
    return since;
  }

  /**
   * Returns since when a workload has counted without a break. It did not while it was scraped, and
   * none of its pods counted; nor while it was not, unless it was not there either.
   *
   * @param seen when it was scraped, and whether it counted then
   */
  private Instant since(Instant createdAt, NavigableMap<Instant, Boolean> seen) {
    Duration pause = missed.plus(YOUNG); // a pod follows another
    Instant last = createdAt.isAfter(begin) ? createdAt : begin;
    Instant since = begin;
    boolean counted = true;
    for (Map.Entry<Instant, Boolean> one : seen.entrySet()) {
      boolean broke = last.plus(pause).isBefore(one.getKey());
      if (one.getValue() && (broke || !counted)) {
        since = one.getKey();
      }
      counted = one.getValue();
      last = one.getKey();
    }
    return counted && !last.plus(pause).isBefore(asOf) ? since : asOf;
  }
}
