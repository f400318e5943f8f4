// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * By namespace, until when servers may have refused somebody in lines that nobody has read, because
 * their logs are gone: a pod ended before this process looked, between two readings, or unseen.
 * Used by one thread at a time.
 *
 * <p>A pod of a kind that may run to its end, such as a Job, leaves no gap unless a Service leads
 * to it: nobody is sent there, and a CronJob would otherwise make one in every minute.
 */
final class LogGaps {

  private final AddressHistory history;
  private final String ztunnels;
  private final Map<String, Gap> known = new HashMap<>();

  /** By namespace, how many ends in the history were looked at. */
  private final Map<String, Long> looked = new HashMap<>();

  /**
   * A gap.
   *
   * @param until nothing is missing from then on
   */
  record Gap(Instant until, String why) {}

  /**
   * @param ztunnels the namespace that ztunnel runs in
   */
  LogGaps(AddressHistory history, String ztunnels) {
    this.history = history;
    this.ztunnels = ztunnels;
  }

  /** Returns the last gap of a namespace; null when there is none. */
  @Nullable Gap of(String namespace) {
    return known.get(namespace);
  }

  /**
   * Looks for ends that nobody has looked for: all that are remembered, for a namespace that was
   * not of interest at the last look.
   *
   * @param followed by the UID of a pod, whether its log is being read, and its end noticed so
   */
  void look(WatchedServers watch, MeshSnapshot snapshot, Predicate<String> followed) {
    known.keySet().retainAll(watch.byNamespace().keySet());
    looked.keySet().retainAll(watch.byNamespace().keySet());
    long ends = history.ends();
    watch
        .byNamespace()
        .forEach(
            (name, servers) -> {
              List<String> owners = List.of(name, ztunnels);
              for (String owner : owners) {
                add(name, history.since(owner), "pods that ended before are not known");
              }
              NamespaceFacts facts = snapshot.namespace(name);
              history
                  .lastEnd(
                      owners,
                      looked.getOrDefault(name, 0L),
                      pod ->
                          !followed.test(pod.uid())
                              && ((pod.namespace().equals(name) && serves(pod, facts))
                                  || inFrontOf(servers, pod)))
                  .ifPresent(end -> ended(name, end.pod(), end.at()));
              looked.put(name, ends);
            });
  }

  /** Records that a pod ended before its log was read to its end. */
  void ended(String namespace, Pod proxy, Instant at) {
    add(
        namespace,
        at,
        "pod %s/%s ended, and what its proxy wrote last was not read"
            .formatted(proxy.namespace(), proxy.name()));
  }

  /** Records that some of the refused were dropped to keep others. */
  void overfull(String namespace, Instant at) {
    add(namespace, at, "more were refused than are kept");
  }

  /** Records that lines were read, and not taken. */
  void untaken(String namespace, Instant at) {
    add(namespace, at, "lines of a log could not be understood");
  }

  /** Records that until now a Telemetry has kept lines out of a log. */
  void filtered(String namespace, Instant at) {
    add(namespace, at, "calls were kept out of a log, by a Telemetry or by accessLogFile");
  }

  private void add(String namespace, Instant until, String why) {
    Gap last = known.get(namespace);
    if (last == null || until.isAfter(last.until())) {
      known.put(namespace, new Gap(until, why));
    }
  }

  /**
   * Returns whether a pod may have refused somebody who was led to it.
   *
   * @param facts of its namespace; null when that is gone
   */
  static boolean serves(Pod pod, @Nullable NamespaceFacts facts) {
    return pod.dataPlane().captured()
        && (pod.workload().lasting() || facts == null || facts.serves(pod));
  }

  private boolean inFrontOf(List<WatchedServers.Server> servers, Pod pod) {
    return pod.namespace().equals(ztunnels)
        && WatchedServers.ztunnel(pod)
        && servers.stream()
            .anyMatch(
                server ->
                    server.pod().dataPlane() == DataPlane.AMBIENT
                        && server.pod().node().equals(pod.node()));
  }
}
