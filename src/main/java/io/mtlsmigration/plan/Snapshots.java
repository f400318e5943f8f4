// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes what-if copies of a snapshot: the mesh as it would be after a write. */
public final class Snapshots {

  private Snapshots() {}

  /** Returns the mesh after one write. What the write does not touch is shared, not copied. */
  public static MeshSnapshot apply(MeshSnapshot snapshot, PolicyChange change) {
    return apply(snapshot, List.of(change));
  }

  /**
   * Returns the mesh after these writes, made in this order. A created object is younger than every
   * existing policy, as it would be in the cluster; a patched one keeps its age, a deleted one is
   * gone. A patch or delete of an object that does not exist changes nothing.
   */
  public static MeshSnapshot apply(MeshSnapshot snapshot, List<PolicyChange> changes) {
    Map<String, List<PolicyChange>> byNamespace = new LinkedHashMap<>();
    for (PolicyChange change : changes) {
      byNamespace.computeIfAbsent(change.ref().namespace(), n -> new ArrayList<>()).add(change);
    }
    if (byNamespace.isEmpty()) {
      return snapshot;
    }
    NavigableMap<String, NamespaceFacts> namespaces = new TreeMap<>(snapshot.namespaces());
    byNamespace.forEach(
        (name, own) -> {
          NamespaceFacts facts = namespaces.get(name);
          NamespaceFacts known = facts == null ? NamespaceFacts.empty(name) : facts;
          namespaces.put(name, apply(known, own, snapshot.observedAt()));
        });
    return new MeshSnapshot(
        snapshot.settings(),
        snapshot.observedAt(),
        namespaces,
        snapshot.clusterObjects(),
        snapshot.sources());
  }

  /** Returns the policy of this name, whether it has an effect or not; null when there is none. */
  public static @Nullable PeerAuthentication find(MeshSnapshot snapshot, ObjectRef ref) {
    NamespaceFacts facts = snapshot.namespace(ref.namespace());
    return facts == null ? null : find(facts.peerAuthentications(), ref);
  }

  private static @Nullable PeerAuthentication find(
      List<PeerAuthentication> policies, ObjectRef ref) {
    for (PeerAuthentication policy : policies) {
      if (policy.ref().equals(ref)) {
        return policy;
      }
    }
    return null;
  }

  private static NamespaceFacts apply(
      NamespaceFacts facts, List<PolicyChange> changes, Instant observedAt) {
    List<PeerAuthentication> policies = new ArrayList<>(facts.peerAuthentications());
    for (PolicyChange change : changes) {
      PeerAuthentication present = find(policies, change.ref());
      Spec after = change.after();
      if (present == null) {
        if (change.before() == null && after != null) {
          policies.add(created(change.ref(), after, youngest(policies, observedAt)));
        }
      } else if (after == null) {
        policies.remove(present);
      } else {
        policies.set(policies.indexOf(present), new PeerAuthentication(present.meta(), after));
      }
    }
    return facts.withPeerAuthentications(policies);
  }

  private static Instant youngest(List<PeerAuthentication> policies, Instant observedAt) {
    Instant youngest = observedAt;
    for (PeerAuthentication policy : policies) {
      // Kubernetes stores whole seconds, so only the next second is certainly younger.
      Instant next = policy.meta().createdAt().plusSeconds(1);
      youngest = next.isAfter(youngest) ? next : youngest;
    }
    return youngest;
  }

  private static PeerAuthentication created(ObjectRef ref, Spec spec, Instant at) {
    FieldOwner owner =
        new FieldOwner(PolicyOwnership.OWN_MANAGER, true, spec.mode() != MtlsMode.UNSET);
    return new PeerAuthentication(
        new ObjectMeta(ref, "", "", at, Map.of(), Map.of(), List.of(owner)), spec);
  }
}
