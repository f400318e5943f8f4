// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import org.jspecify.annotations.Nullable;

/**
 * One write to one PeerAuthentication.
 *
 * @param before null when the object does not exist: a create
 * @param after null when the object is deleted
 * @param weakens true when some port that refuses plaintext would accept it
 * @param why a sentence for people
 */
public record PolicyChange(
    ObjectRef ref,
    PeerAuthentication.@Nullable Spec before,
    PeerAuthentication.@Nullable Spec after,
    Purpose purpose,
    boolean weakens,
    String why) {

  /** Returns whether it takes back or keeps open; a forward write is of a running plan only. */
  public boolean goesBack() {
    return switch (purpose) {
      case ROLLBACK, CLEANUP, EXEMPT, NEWBORN -> true;
      case EXCEPTION, ENABLE, LOCK -> false;
    };
  }

  /** The purpose of a write. */
  public enum Purpose {
    EXCEPTION,
    EXEMPT,
    /** DISABLE becomes PERMISSIVE before it may become STRICT. */
    ENABLE,
    LOCK,
    /** A namespace that was created while the mesh was being locked stays open. */
    NEWBORN,
    ROLLBACK,
    CLEANUP
  }
}
