package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Since when silence of one server says that nobody sends it plaintext.
 *
 * @param reason {@code HOLDS} when its silence counts for the whole window; else why not
 * @param since since when it is captured, not STRICT, and watched; null when it is not
 * @param enoughAt when that is for as long as the window; null when waiting does not mend it
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
