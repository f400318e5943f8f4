// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRunPolicies;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Dry runs of STRICT: as the API server stores them, and as each sidecar counts them once it has
 * followed. A sidecar goes on to export the counters of one that is gone.
 */
final class DryRuns {

  private final World world;

  /** By namespace; null since it is gone. */
  private final Map<String, NavigableMap<Long, Stored>> versions = new HashMap<>();

  private int stores;

  DryRuns(World world) {
    this.world = world;
  }

  /** What is stored from a second on; without a marker nothing. */
  record Stored(String marker, Set<Integer> notPorts, String version) {
    static final Stored NOTHING = new Stored("", Set.of(), "");

    boolean there() {
      return !marker.isEmpty();
    }
  }

  /** What is stored of a namespace just now. */
  Stored stored(String namespace) {
    return at(namespace, Long.MAX_VALUE);
  }

  private Stored at(String namespace, long second) {
    NavigableMap<Long, Stored> known = versions.get(namespace);
    Map.Entry<Long, Stored> entry = known == null ? null : known.floorEntry(second);
    return entry == null ? Stored.NOTHING : entry.getValue();
  }

  Set<String> namespaces() {
    return versions.keySet();
  }

  /** As it is seen in the facts; null when there is none. */
  @Nullable AuthorizationPolicy policy(String namespace) {
    Stored stored = stored(namespace);
    return stored.there()
        ? new DryRunPolicy(namespace, stored.notPorts()).shown(stored.version())
        : null;
  }

  /** Somebody deletes it, whosever it is. */
  void delete(String namespace) {
    if (stored(namespace).there()) {
      store(namespace, Stored.NOTHING);
    }
  }

  /** Somebody else has a policy of that name. */
  void occupy(String namespace) {
    if (!stored(namespace).there() && world.cluster.find(namespace) != null) {
      store(namespace, stored("theirs", Set.of()));
    }
  }

  /** Somebody changes it, so that it counts nobody, whosever it is. */
  void blunt(String namespace) {
    Stored stored = stored(namespace);
    if (stored.there()) {
      Set<Integer> ports =
          world.calls().flows().stream().map(flow -> flow.port).collect(Collectors.toSet());
      store(namespace, stored(stored.marker(), ports));
    }
  }

  private Stored stored(String marker, Set<Integer> notPorts) {
    return new Stored(marker, notPorts, "dry-run " + ++stores);
  }

  /** Its namespace is gone. */
  void died(String namespace) {
    if (stored(namespace).there()) {
      versions.get(namespace).put(world.now(), Stored.NOTHING);
    }
  }

  private void store(String namespace, Stored next) {
    versions.computeIfAbsent(namespace, n -> new TreeMap<>()).put(world.now(), next);
    world.proxies.policyChanged(namespace);
    for (Workload workload : world.cluster.everyWorkload()) {
      if (workload.namespace.equals(namespace) && workload.dataPlane == DataPlane.SIDECAR) {
        workload.dropsCounters(world.now());
      }
    }
    world.cluster.changed(namespace);
  }

  /** Each sidecar counts what it goes by from now on. */
  void follow() {
    if (versions.isEmpty()) {
      return;
    }
    for (Workload workload : world.cluster.everyWorkload()) {
      if (versions.containsKey(workload.namespace)) {
        workload.counts(world.now(), pod -> goesBy(workload, pod));
      }
    }
  }

  private Stored goesBy(Workload workload, Pod pod) {
    return pod.dataPlane() == DataPlane.SIDECAR
        ? at(workload.namespace, world.proxies.has(workload, pod))
        : Stored.NOTHING;
  }

  DryRunPolicies of(Replica replica) {
    return new Access(replica);
  }

  /** As one replica reaches it. */
  private final class Access implements DryRunPolicies {
    private final Replica replica;

    Access(Replica replica) {
      this.replica = replica;
    }

    @Override
    public Placement place(DryRunPolicy policy, String marker) {
      String namespace = policy.namespace();
      world.point(replica, "before the dry run of " + namespace, true);
      if (world.api.losesRequest()) {
        return new Placement.Unknown("connection reset");
      }
      String away = world.api.away();
      if (!away.isEmpty()) {
        return new Placement.Unknown(away);
      }
      Cluster.Namespace known = world.cluster.find(namespace);
      if (known == null || known.terminating) {
        return new Placement.Refused("namespace is gone, or being terminated");
      }
      Stored stored = stored(namespace);
      if (stored.there()) {
        if (!stored.marker().equals(marker)) {
          return new Placement.Refused("exists already");
        }
        if (stored.notPorts().equals(policy.notPorts())) {
          return new Placement.Found(stored.version());
        }
        store(namespace, Stored.NOTHING);
        return new Placement.Enforcing("it was not stored as written");
      }
      if (world.now() < world.api.refusesUntil) {
        return new Placement.Refused("denied by a webhook");
      }
      store(namespace, stored(marker, policy.notPorts()));
      world.story.tell(world.now(), "   " + replica.name + " PLACES the dry run of " + namespace);
      world.point(replica, "after the dry run of " + namespace, true);
      if (world.api.losesAnswer()) {
        return new Placement.Unknown("timed out");
      }
      return new Placement.Placed();
    }

    @Override
    public Removal remove(String namespace, String markerPrefix) {
      world.point(replica, "before the end of the dry run of " + namespace, true);
      String away = world.api.away();
      if (!away.isEmpty()) {
        return new Removal.Failed(away);
      }
      Stored stored = stored(namespace);
      if (!stored.there() || !stored.marker().startsWith(markerPrefix)) {
        return new Removal.Gone();
      }
      store(namespace, Stored.NOTHING);
      world.story.tell(world.now(), "   " + replica.name + " REMOVES the dry run of " + namespace);
      world.point(replica, "after the end of the dry run of " + namespace, true);
      if (world.api.losesAnswer()) {
        return new Removal.Failed("timed out");
      }
      return new Removal.Gone();
    }
  }
}
