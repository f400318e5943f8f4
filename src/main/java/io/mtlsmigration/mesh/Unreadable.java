package io.mtlsmigration.mesh;

/**
 * An object that exists but could not be read: an unknown enum value, a wrong type, a forbidden
 * field. It is never ignored: whatever it may govern is unknown, and that blocks (hazard 29).
 *
 * @param field the JSON pointer of what is wrong
 */
public record Unreadable(ObjectRef ref, String field, String reason) {

  /**
   * All objects of a kind, of which it is not even known whether there are any. It belongs to the
   * root namespace's facts and concerns every namespace.
   *
   * @param reason why, and what would help: a sentence or two
   */
  public static Unreadable kind(String kind, String reason) {
    return new Unreadable(new ObjectRef(kind, "", ""), "", reason);
  }

  /** True when this stands for all objects of its kind. */
  public boolean wholeKind() {
    return ref.namespace().isEmpty() && ref.name().isEmpty() && field.isEmpty();
  }
}
