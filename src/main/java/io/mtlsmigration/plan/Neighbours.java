// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.plan.AuthorizationDraft.Neighbour;
import java.util.ArrayList;
import java.util.List;

/**
 * Existing AuthorizationPolicies. All of them count for a pod: CUSTOM is evaluated first, then
 * DENY, and then one matching ALLOW is enough, whichever it is
 * (https://istio.io/latest/docs/reference/config/security/authorization-policy/).
 */
final class Neighbours {

  private static final String KIND = "AuthorizationPolicy";

  private final List<AuthorizationPolicy> policies = new ArrayList<>();
  private final List<AuthorizationPolicy> attached = new ArrayList<>();
  private final List<ObjectRef> drafted = new ArrayList<>();
  private final List<String> unreadable = new ArrayList<>();

  private Neighbours() {}

  /** Returns the policies for pods of the namespace: its own, and the root namespace's. */
  static Neighbours of(MeshSnapshot snapshot, NamespaceFacts facts) {
    Neighbours neighbours = new Neighbours();
    neighbours.add(facts, facts.name());
    neighbours.add(snapshot.root(), facts.name());
    return neighbours;
  }

  private void add(NamespaceFacts facts, String namespace) {
    for (AuthorizationPolicy policy : facts.others(AuthorizationPolicy.class)) {
      boolean ours =
          policy.ref().namespace().equals(namespace)
              && policy.ref().name().startsWith(AuthorizationDraft.NAME);
      if (ours) {
        drafted.add(policy.ref());
      } else if (policy.attached()) {
        attached.add(policy);
      } else if (policy.enforced()) {
        policies.add(policy);
      }
    }
    for (Unreadable object : facts.unreadable()) {
      if (object.ref().kind().equals(KIND)) {
        unreadable.add(
            (object.wholeKind() ? "AuthorizationPolicies" : object.ref().toString())
                + " cannot be read ("
                + object.reason()
                + "): how they combine with these drafts is not known");
      }
    }
  }

  List<String> unreadable() {
    return unreadable;
  }

  /** Returns earlier drafts that were applied and are no longer among {@code drafts}. */
  List<ObjectRef> leftOver(List<AuthorizationDraft> drafts) {
    List<ObjectRef> left = new ArrayList<>(drafted);
    drafts.forEach(draft -> left.remove(draft.ref()));
    return left;
  }

  List<AuthorizationPolicy> governing(OpenWorkload workload) {
    return policies.stream()
        .filter(
            policy ->
                workload.pods().stream()
                    .anyMatch(pod -> LabelSelector.containsAll(pod.labels(), policy.selector())))
        .toList();
  }

  /** Returns policies bound to a waypoint or a gateway, which outside plaintext does not pass. */
  List<AuthorizationPolicy> attached() {
    return attached;
  }

  static boolean allows(List<AuthorizationPolicy> governing) {
    return governing.stream().anyMatch(policy -> policy.action() == Action.ALLOW);
  }

  static List<Neighbour> told(List<AuthorizationPolicy> governing) {
    return governing.stream()
        .map(policy -> new Neighbour(policy.ref(), policy.action(), effect(policy)))
        .toList();
  }

  private static String effect(AuthorizationPolicy policy) {
    return switch (policy.action()) {
      case ALLOW -> allow(policy);
      case DENY -> "is judged first: what it denies stays denied, though the draft allows it";
      case CUSTOM ->
          "its provider is asked first: what that refuses stays refused, though the draft allows it";
      case AUDIT -> "only marks requests for the log, and changes nothing";
    };
  }

  private static String allow(AuthorizationPolicy policy) {
    String adds =
        "goes on allowing what it allows; one ALLOW that matches is enough, so the draft adds to it"
            + " and takes nothing away. Which mesh identities get through is left to it";
    if (policy.peers().stream().anyMatch(peer -> !peer.named() && peer.excepted())) {
      return adds
          + ". It excepts certain identities, and plaintext has none: plaintext gets through by it";
    }
    return policy.peers().stream().anyMatch(peer -> !peer.named())
        ? adds
            + ". A rule of it asks for no identity: plaintext gets through by it where it reaches"
        : adds;
  }
}
