// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects writes and obstacles. Also keeps the writes that an obstacle holds up, because a person
 * who judges the impact has to see them.
 */
final class Draft {

  private static final String DEFAULT_NAME = "default";

  private final MeshModes modes;
  private final PlanSpec spec;
  private final List<PolicyChange> changes = new ArrayList<>();
  private final List<Obstacle> obstacles = new ArrayList<>();

  Draft(MeshModes modes, PlanSpec spec) {
    this.modes = modes;
    this.spec = spec;
  }

  MeshModes modes() {
    return modes;
  }

  PlanSpec spec() {
    return spec;
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  boolean obstructed() {
    return !obstacles.isEmpty();
  }

  void obstacle(Obstacle.Kind kind, String message) {
    obstacles.add(new Obstacle(kind, message));
  }

  void obstacles(List<Obstacle> more) {
    obstacles.addAll(more);
  }

  /** Adds an obstacle for unreadable policies of the namespace: their effect is unknown. */
  void requireReadable(NamespaceFacts facts) {
    for (Unreadable object : facts.unreadable()) {
      if (object.ref().kind().equals("PeerAuthentication")) {
        obstacle(
            Obstacle.Kind.UNREADABLE_POLICY,
            "%s cannot be read at %s: %s; correct or delete it"
                .formatted(object.ref(), object.field(), object.reason()));
      }
    }
  }

  /** Patches a policy in place. */
  void patch(PeerAuthentication policy, Spec after, Purpose purpose, String why) {
    PolicyOwnership.forbids(policy, after, spec).ifPresent(obstacles::add);
    add(policy.ref(), policy.spec(), after, purpose, why);
  }

  void create(ObjectRef ref, Spec after, Purpose purpose, String why) {
    add(ref, null, after, purpose, why);
  }

  /** Sets the mode of a scope: in its effective policy, or in a new {@code default}. */
  void setMode(
      @Nullable PeerAuthentication effective,
      String namespace,
      MtlsMode mode,
      Purpose purpose,
      String why) {
    if (effective != null) {
      String inPlace =
          effective.meta().name().equals(DEFAULT_NAME)
              ? why
              : why + "; " + effective.ref() + " is the policy in effect and is changed in place";
      patch(effective, effective.spec().withMode(mode), purpose, inPlace);
      return;
    }
    ObjectRef ref = freeName(namespace, DEFAULT_NAME);
    String named =
        ref.name().equals(DEFAULT_NAME)
            ? why
            : why + "; the name " + DEFAULT_NAME + " is taken by a policy with a selector";
    create(ref, Spec.of(mode), purpose, named);
  }

  /** Returns a name that no PeerAuthentication of the namespace has, existing or planned. */
  ObjectRef freeName(String namespace, String wanted) {
    ObjectRef ref = ObjectRef.peerAuthentication(namespace, wanted);
    for (int n = 2; taken(ref); n++) {
      ref = ObjectRef.peerAuthentication(namespace, wanted + "-" + n);
    }
    return ref;
  }

  private boolean taken(ObjectRef ref) {
    NamespaceFacts facts = modes.namespace(ref.namespace()).facts();
    return facts.peerAuthentications().stream().anyMatch(policy -> policy.ref().equals(ref))
        || changes.stream().anyMatch(change -> change.ref().equals(ref));
  }

  private void add(ObjectRef ref, @Nullable Spec before, Spec after, Purpose purpose, String why) {
    PolicyChange change = new PolicyChange(ref, before, after, purpose, false, why);
    boolean weakens = ScopeModes.weakens(modes, change);
    changes.add(new PolicyChange(ref, before, after, purpose, weakens, why));
  }

  /** Returns the writes that may be made now: none while there is an obstacle. */
  PolicyWrites writes() {
    return new PolicyWrites(obstructed() ? List.of() : changes, obstacles);
  }

  /** Returns the writes that would be made without obstacles. */
  PolicyWrites intended() {
    return new PolicyWrites(changes, obstacles);
  }
}
