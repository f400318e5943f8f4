package io.mtlsmigration.plan;

import java.util.List;

/**
 * The writes that may be made now, in this order, or why none can be. What has to wait until these
 * are seen in the mesh is not among them: ask again.
 *
 * @param changes empty when the mesh is already as wanted, and when something stands in the way
 * @param obstacles what stands in the way; while there is one, nothing is written
 * @param notes what is left as it is and why, in words for people; they hold nothing up
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
      /** A person's manager owns what is never taken over: anything but the policy's mode. */
      OWNED_BY_PERSON,
      /** A person's manager owns the mode: the plan has to adopt it, or a person to approve. */
      ADOPTION_NEEDED,
      UNREADABLE_POLICY,
      /** Exceptions that meet on some pods only, so that no one workload policy can carry them. */
      OVERLAPPING_EXCEPTIONS,
      /** An exception that selects no particular pods; Istio has no such policy. */
      EXCEPTION_WITHOUT_SELECTOR,
      /** A workload policy would leave ports open that no exception names. */
      WEAKER_WORKLOAD_POLICY,
      /** The root namespace has no lock of its own: a policy without selector is the mesh's. */
      ROOT_NAMESPACE,
      /** What is to be undone is no longer as it was left, and still refuses clients. */
      CHANGED_BY_OTHERS,
      /** The mesh step waits for namespaces that are neither locked nor exempt. */
      NAMESPACES_OPEN
    }
  }
}
