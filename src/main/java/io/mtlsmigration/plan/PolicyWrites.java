// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.util.List;

/**
 * The writes that may be made now, in this order, or the obstacles to them. Writes that have to
 * wait until these are visible in the mesh are not included: ask again.
 *
 * @param changes empty when the mesh is already as wanted, and when there is an obstacle
 * @param obstacles obstacles; while there is one, nothing is written
 * @param notes what is left as it is and why, in words for people; notes do not hold up anything
 */
public record PolicyWrites(
    List<PolicyChange> changes, List<Obstacle> obstacles, List<String> notes) {

  public static final PolicyWrites NOTHING = new PolicyWrites(List.of(), List.of(), List.of());

  public PolicyWrites {
    changes = List.copyOf(changes);
    obstacles = List.copyOf(obstacles);
    notes = List.copyOf(notes);
  }

  public PolicyWrites(List<PolicyChange> changes, List<Obstacle> obstacles) {
    this(changes, obstacles, List.of());
  }

  /** Returns true when there is nothing left to write and no obstacle. */
  public boolean done() {
    return changes.isEmpty() && obstacles.isEmpty();
  }

  /**
   * An obstacle that a person has to clear.
   *
   * @param kind stable
   * @param message names the object and the remedy
   */
  public record Obstacle(Kind kind, String message) {
    /** The kind of an obstacle. */
    public enum Kind {
      /** A controller (Argo CD, Flux, Helm, unknown) owns the policy: offer MANIFEST. */
      OWNED_BY_CONTROLLER,
      /** A person's manager owns a field that is never taken over: any but the policy's mode. */
      OWNED_BY_PERSON,
      /** A person's manager owns the mode: the plan has to adopt it, or a person to approve. */
      ADOPTION_NEEDED,
      UNREADABLE_POLICY,
      /** Exceptions share only some pods, so no single workload policy can express them. */
      OVERLAPPING_EXCEPTIONS,
      /** An exception selects no particular pods; Istio has no such policy. */
      EXCEPTION_WITHOUT_SELECTOR,
      /** A workload policy would leave ports open that no exception names. */
      WEAKER_WORKLOAD_POLICY,
      /** The root namespace has no lock of its own: a policy without selector is the mesh's. */
      ROOT_NAMESPACE,
      /** A policy that is to be undone was changed since, and still refuses clients. */
      CHANGED_BY_OTHERS,
      /** The mesh step waits for namespaces that are neither locked nor exempt. */
      NAMESPACES_OPEN
    }
  }
}
