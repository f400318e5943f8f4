package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import org.jspecify.annotations.Nullable;

/**
 * One write to one PeerAuthentication.
 *
 * @param before null when the object does not exist: a create
 * @param after null when the object goes: a delete
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

  /** Why a policy is written. */
  public enum Purpose {
    EXCEPTION,
    EXEMPT,
    /** DISABLE goes to PERMISSIVE before it may become STRICT. */
    ENABLE,
    LOCK,
    /** A namespace that was born while the mesh was being locked stays open. */
    NEWBORN,
    ROLLBACK,
    CLEANUP
  }
}
