// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time since when the silence of one server proves that nobody sends it plaintext.
 *
 * @param reason {@code HOLDS} when its silence counts for the whole window; else why not
 * @param since the time since when the server is captured, not STRICT, and watched; null when it is
 *     not
 * @param enoughAt the time when it has been so for the whole window; null when waiting does not
 *     help
 * @param detail a sentence that names what is missing; empty when nothing is
 */
public record ServerWatch(
    WorkloadRef workload,
    Reason reason,
    @Nullable Instant since,
    @Nullable Instant enoughAt,
    String detail) {

  public boolean holds() {
    return reason == Reason.HOLDS;
  }

  @Override
  public String toString() {
    String silence =
        since == null
            ? "is not watched"
            : "is watched since " + since + (enoughAt == null ? "" : ", enough at " + enoughAt);
    return workload.id() + " " + silence + (detail.isEmpty() ? "" : ": " + detail);
  }
}
