// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.StepName;
import java.util.Optional;

/**
 * The subject of a plan's step: a namespace, or the mesh.
 *
 * @param namespace empty for the mesh step
 */
public record StepKey(String namespace) implements Comparable<StepKey> {

  public static final StepKey MESH = new StepKey("");

  /** Of a namespace, be it written as it is called or as {@link #toString} does. */
  public static StepKey ofNamespace(String name) {
    return new StepKey(StepName.namespace(name));
  }

  /** Of what {@link #toString} has written; empty for a text that names no step. */
  public static Optional<StepKey> parse(String text) {
    return text.equals(StepName.MESH)
        ? Optional.of(MESH)
        : Optional.of(ofNamespace(text)).filter(key -> !key.isMesh());
  }

  public boolean isMesh() {
    return namespace.isEmpty();
  }

  @Override
  public int compareTo(StepKey other) {
    return namespace.compareTo(other.namespace);
  }

  /** The namespace, or {@code mesh}; no two alike, see {@link StepName}. */
  @Override
  public String toString() {
    return isMesh() ? StepName.MESH : StepName.ofNamespace(namespace);
  }
}
