// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRunPolicies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Dry runs of STRICT in the simulated cluster. The stand-in proxies receive them with their
 * configuration, and count.
 */
final class SimulatedDryRuns implements DryRunPolicies {

  private static final String NO_ANSWER = "the API server does not answer";

  private final SimulatedCluster cluster;
  private final Faults faults;

  /** By namespace; facts do not contain the annotations of such policies. */
  private final Map<String, String> markers = new ConcurrentHashMap<>();

  private final AtomicLong placed = new AtomicLong();

  SimulatedDryRuns(SimulatedCluster cluster, Faults faults) {
    this.cluster = cluster;
    this.faults = faults;
  }

  @Override
  public Placement place(DryRunPolicy policy, String marker) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new Placement.Unknown(NO_ANSWER);
    }
    // Check and change are atomic, as in etcd.
    synchronized (cluster) {
      NamespaceFacts facts = cluster.namespace(policy.namespace());
      if (facts == null || facts.terminating()) {
        return new Placement.Refused("namespace " + policy.namespace() + " is not there");
      }
      Optional<AuthorizationPolicy> there = DryRunPolicy.in(facts);
      if (there.isPresent()) {
        return marker.equals(markers.get(policy.namespace()))
            ? new Placement.Found(there.get().version())
            : new Placement.Refused(policy.ref() + " exists already, and is not this plan's");
      }
      markers.put(policy.namespace(), marker);
      replace(policy.ref(), List.of(policy.shown("dry-run-" + placed.incrementAndGet())));
      return new Placement.Placed();
    }
  }

  @Override
  public Removal remove(String namespace, String markerPrefix) {
    if (faults.inForce(Fault.Kind.API_DOWN)) {
      return new Removal.Failed(NO_ANSWER);
    }
    synchronized (cluster) {
      NamespaceFacts facts = cluster.namespace(namespace);
      String marker = markers.get(namespace);
      if (facts != null
          && DryRunPolicy.in(facts).isPresent()
          && marker != null
          && marker.startsWith(markerPrefix)) {
        replace(new DryRunPolicy(namespace, Set.of()).ref(), List.of());
        markers.remove(namespace);
      }
      return new Removal.Gone();
    }
  }

  private void replace(ObjectRef ref, List<OtherObject> by) {
    cluster.change(
        ref.namespace(),
        facts -> {
          List<OtherObject> next = new ArrayList<>(facts.others());
          next.removeIf(object -> object.ref().equals(ref));
          next.addAll(by);
          return facts.withOthers(next);
        });
  }
}
