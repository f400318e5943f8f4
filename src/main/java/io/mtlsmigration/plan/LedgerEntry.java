// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A write with the state before it, which a rollback restores.
 *
 * @param before null when the object did not exist
 * @param after null when the object was deleted
 * @param previousMode the effective mode of the object's scope before the write
 * @param previousPorts effective modes of ports before the write, where they differed
 * @param uid UID of the written object; empty while it is not known
 * @param resourceVersion the version after the write
 */
public record LedgerEntry(
    ObjectRef ref,
    String uid,
    PeerAuthentication.@Nullable Spec before,
    PeerAuthentication.@Nullable Spec after,
    MtlsMode previousMode,
    Map<Integer, MtlsMode> previousPorts,
    PolicyChange.Purpose purpose,
    String resourceVersion,
    Instant writtenAt) {
  public LedgerEntry {
    previousPorts = Map.copyOf(previousPorts);
  }
}
