package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.PeerAuthentication;
import org.jspecify.annotations.Nullable;

/** What became of a write. */
public sealed interface WriteResult {

  /** Stored (or, for a dry run, it would be). {@code policy} is null after a delete. */
  record Applied(@Nullable PeerAuthentication policy) implements WriteResult {}

  /** The object is not what the intent was decided on; decide anew. */
  record Conflict(String detail) implements WriteResult {}

  /** A field is owned by another manager that we do not take over. */
  record OwnedByOther(String manager, String detail) implements WriteResult {}

  /** Admission or validation refused it. */
  record Refused(String detail) implements WriteResult {}

  /** Nobody knows; it may have happened. */
  record Unknown(String detail) implements WriteResult {}
}
