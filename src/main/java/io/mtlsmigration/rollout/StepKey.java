package io.mtlsmigration.rollout;

/**
 * What a step of a plan is about: a namespace, or the mesh.
 *
 * @param namespace empty for the mesh step
 */
public record StepKey(String namespace) implements Comparable<StepKey> {

  public static final StepKey MESH = new StepKey("");

  public boolean isMesh() {
    return namespace.isEmpty();
  }

  @Override
  public int compareTo(StepKey other) {
    return namespace.compareTo(other.namespace);
  }

  /** The namespace, or {@code mesh}. */
  @Override
  public String toString() {
    return isMesh() ? "mesh" : namespace;
  }
}
