// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

/**
 * The text that names a step of a plan, for people and in objects that are kept: {@code mesh} for
 * the mesh step, else a namespace. A namespace may be called {@code mesh} as well; it is written
 * with a prefix that no namespace's name can have, so that nobody takes the one for the other.
 */
public final class StepName {

  /** The mesh step. */
  public static final String MESH = "mesh";

  private static final String NAMESPACE = "namespace:";

  private StepName() {}

  public static String ofNamespace(String namespace) {
    return namespace.equals(MESH) ? NAMESPACE + namespace : namespace;
  }

  /** The namespace that is named, with the prefix or without. */
  public static String namespace(String name) {
    return name.startsWith(NAMESPACE) && !name.equals(NAMESPACE)
        ? name.substring(NAMESPACE.length())
        : name;
  }
}
