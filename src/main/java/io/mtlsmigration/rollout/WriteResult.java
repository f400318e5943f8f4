// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.PeerAuthentication;
import org.jspecify.annotations.Nullable;

/** The result of a write. */
public sealed interface WriteResult {

  /** The write was stored (or, for a dry run, would be). {@code policy} is null after a delete. */
  record Applied(@Nullable PeerAuthentication policy) implements WriteResult {}

  /** The object differs from what the intent was decided on; decide again. */
  record Conflict(String detail) implements WriteResult {}

  /** A field is owned by another manager, and this service does not take it over. */
  record OwnedByOther(String manager, String detail) implements WriteResult {}

  /** Admission or validation refused the write. */
  record Refused(String detail) implements WriteResult {}

  /** The result is unknown; the write may have happened. */
  record Unknown(String detail) implements WriteResult {}
}
