// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.rollout.ProxySync;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What each proxy goes by: an older version of what is stored, until it has followed. */
final class Proxies {

  private final World world;

  /** Seconds behind, by workload. */
  private final Map<String, Long> slow = new HashMap<>();

  private final Map<String, Long> slowSince = new HashMap<>();

  /** Since when a workload's first proxy has heard of nothing. */
  private final Map<String, Long> stuck = new HashMap<>();

  /** When a policy of a namespace last changed. */
  private final Map<String, Long> changed = new HashMap<>();

  Proxies(World world) {
    this.world = world;
  }

  void slow(String workload, long seconds) {
    world.calls().advance(world.now());
    slow.put(workload, seconds);
    slowSince.put(workload, world.now());
    world.calls().changed();
  }

  void stick(String workload) {
    stuck.put(workload, world.now());
  }

  void heal() {
    world.calls().advance(world.now());
    slow.clear();
    slowSince.clear();
    stuck.clear();
    world.calls().changed();
    world.streams.changed();
    world.dryRuns.follow();
  }

  /** A policy has changed: those who follow late change how they serve later. */
  void policyChanged(String namespace) {
    changed.put(namespace, world.now());
    for (long seconds : slow.values()) {
      world.later(
          seconds,
          () -> {
            world.calls().advance(world.now());
            world.calls().changed();
            world.streams.changed();
            world.dryRuns.follow();
          });
    }
  }

  /** The second whose version a pod's proxy has. */
  long has(Workload workload, Pod pod) {
    boolean first = workload.pods.getFirst().name().equals(pod.name());
    long until = first ? stuck.getOrDefault(workload.id(), Long.MAX_VALUE) : Long.MAX_VALUE;
    long born = Duration.between(World.START, pod.createdAt()).toSeconds();
    long lag = slow.getOrDefault(workload.id(), 0L);
    // Who begins to lag keeps what it has: no proxy goes back.
    long kept = Math.min(until, slowSince.getOrDefault(workload.id(), 0L));
    return Math.max(Math.max(born, kept), Math.min(world.now(), until) - lag);
  }

  MtlsMode mode(Workload workload, Pod pod) {
    return mode(workload, pod, Workload.PORT);
  }

  MtlsMode mode(Workload workload, Pod pod, int port) {
    Cluster.Version version = world.cluster.at(has(workload, pod));
    return (pod.dataPlane() == DataPlane.AMBIENT ? version.enforced : version.modes)
        .namespace(workload.namespace)
        .of(pod)
        .of(port);
  }

  /** As istiod tells: who has not acknowledged the last change of a policy. */
  ProxySync.Status sync(String name) {
    Cluster.Namespace namespace = world.cluster.find(name);
    if (namespace == null) {
      return new ProxySync.Status.Synced();
    }
    long last = Math.max(changed.getOrDefault(name, 0L), changed.getOrDefault(Cluster.ROOT, 0L));
    List<String> late = new ArrayList<>();
    for (Workload workload : namespace.workloads.values()) {
      for (Pod pod : workload.pods) {
        if (pod.dataPlane().captured() && has(workload, pod) < last) {
          late.add(name + "/" + pod.name());
        }
      }
    }
    return late.isEmpty() ? world.ztunnel.sync(name) : new ProxySync.Status.Lagging(late);
  }
}
