package io.mtlsmigration.plan;

import java.util.List;

/**
 * The writes that are still missing, in the order in which they must be made, or why none can be.
 *
 * @param changes empty when the mesh is already as wanted
 * @param obstacles what stands in the way; while there is one, nothing is written
 */
public record PolicyWrites(List<PolicyChange> changes, List<Obstacle> obstacles) {

  public PolicyWrites {
    changes = List.copyOf(changes);
    obstacles = List.copyOf(obstacles);
  }

  /** True when nothing is left to write and nothing stands in the way. */
  public boolean done() {
    return changes.isEmpty() && obstacles.isEmpty();
  }

  /**
   * Something that a person has to clear.
   *
   * @param kind stable
   * @param message names the object and the remedy
   */
  public record Obstacle(Kind kind, String message) {
    /** What stands in the way. */
    public enum Kind {
      /** A controller (Argo CD, Flux, Helm, unknown) owns the policy: offer MANIFEST. */
      OWNED_BY_CONTROLLER,
      /** A person's manager owns the field and the plan does not adopt. */
      OWNED_BY_PERSON,
      UNREADABLE_POLICY,
      OVERLAPPING_EXCEPTIONS,
      /** The mesh step waits for namespaces that are neither locked nor exempt. */
      NAMESPACES_OPEN
    }
  }
}
