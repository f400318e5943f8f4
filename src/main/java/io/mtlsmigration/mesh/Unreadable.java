// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/**
 * An object that exists but could not be read: an unknown enum value, a wrong type, a forbidden
 * field. It is never ignored: its effect is unknown, and that blocks (hazard 29).
 *
 * @param field the JSON pointer of the wrong field
 */
public record Unreadable(ObjectRef ref, String field, String reason) {

  /**
   * Returns a stand-in for all objects of a kind, when it is not even known whether there are any.
   * It belongs to the root namespace's facts and concerns every namespace.
   *
   * @param reason the reason and a remedy: a sentence or two
   */
  public static Unreadable kind(String kind, String reason) {
    return new Unreadable(new ObjectRef(kind, "", ""), "", reason);
  }

  /** Returns true when this stands for all objects of its kind. */
  public boolean wholeKind() {
    return ref.namespace().isEmpty() && ref.name().isEmpty() && field.isEmpty();
  }
}
