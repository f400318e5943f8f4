// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Determines which policies may be changed. Source: {@code metadata.managedFields}, and the labels
 * and annotations that Helm, Argo CD and Flux put on their objects.
 *
 * <p>A controller would restore its own version, so its objects are never written. A person's
 * {@code spec.mtls.mode} is taken over when the plan adopts it or a person approves; a person's
 * other fields never are. An object without {@code managedFields} was read from a file or has no
 * manager to conflict with: it may be written.
 */
public final class PolicyOwnership {

  /** The field manager of this service's own writes. */
  public static final String OWN_MANAGER = "mtls-migration";

  private PolicyOwnership() {}

  /** Returns what forbids changing {@code policy} to {@code after}; empty when nothing does. */
  static Optional<Obstacle> forbids(PeerAuthentication policy, Spec after, PlanSpec spec) {
    if (spec.apply() == PlanSpec.Apply.MANIFEST) {
      return Optional.empty(); // nothing is written: the owner makes the change
    }
    Optional<Obstacle> controller = controlled(policy);
    if (controller.isPresent()) {
      return controller;
    }
    Spec before = policy.spec();
    for (FieldOwner owner : policy.meta().owners()) {
      if (!owner.ownsSpec() || owner.manager().equals(OWN_MANAGER)) {
        continue;
      }
      if (changesPorts(before, after)) {
        return Optional.of(
            person(
                Obstacle.Kind.OWNED_BY_PERSON,
                policy,
                owner,
                "a port's mode, which is never taken over: change it there, or plan with apply"
                    + " MANIFEST"));
      }
      if (owner.ownsMode() && before.mode() != after.mode() && !spec.adopt()) {
        return Optional.of(
            person(
                Obstacle.Kind.ADOPTION_NEEDED,
                policy,
                owner,
                "spec.mtls.mode: to have it taken over, approve this step or plan with adopt true;"
                    + " or plan with apply MANIFEST"));
      }
    }
    return Optional.empty();
  }

  /** Returns whether an approval has the policy taken over, or the plan has to adopt it. */
  static boolean needsAdoption(PeerAuthentication policy, @Nullable Spec after, PlanSpec spec) {
    return after != null
        && forbids(policy, after, spec)
            .filter(obstacle -> obstacle.kind() == Obstacle.Kind.ADOPTION_NEEDED)
            .isPresent();
  }

  /** Returns the obstacle of a policy that a controller would restore; empty without one. */
  static Optional<Obstacle> controlled(PeerAuthentication policy) {
    String owner = controller(policy.meta());
    if (owner == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Obstacle(
            Obstacle.Kind.OWNED_BY_CONTROLLER,
            policy.ref()
                + " belongs to "
                + owner
                + ", which would put its own version back: plan with apply MANIFEST and make the"
                + " change at its source"));
  }

  /** Returns the owner other than a person or this service; null when there is none. */
  private static @Nullable String controller(ObjectMeta meta) {
    String mark = meta.controllerMark();
    if (mark != null) {
      return mark;
    }
    for (FieldOwner owner : meta.owners()) {
      if (owner.ownsSpec() && !owner.manager().equals(OWN_MANAGER) && !owner.person()) {
        return "field manager " + owner.manager();
      }
    }
    return null;
  }

  /** Returns whether existing ports change or go; adding one conflicts with nobody. */
  private static boolean changesPorts(Spec before, Spec after) {
    return before.portModes().entrySet().stream()
        .anyMatch(port -> port.getValue() != after.portModes().get(port.getKey()));
  }

  private static Obstacle person(
      Obstacle.Kind kind, PeerAuthentication policy, FieldOwner owner, String what) {
    return new Obstacle(
        kind, policy.ref() + " is a person's: field manager " + owner.manager() + " set " + what);
  }
}
