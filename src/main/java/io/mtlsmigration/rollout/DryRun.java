// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a step's dry run of STRICT.
 *
 * @param marker the marker that the placed policy carries
 * @param there whether the policy may be in the cluster; set before it is placed, cleared when its
 *     absence has been seen
 * @param placedAt the time since when the dry run counts; null while it does not
 * @param passedAt the time when it had refused nobody for long enough; null while it has not
 * @param problem the reason why it cannot be made and is not retried by itself; empty when it can
 */
public record DryRun(
    String marker,
    boolean there,
    @Nullable Instant placedAt,
    @Nullable Instant passedAt,
    String problem) {

  public static DryRun begin(String marker) {
    return new DryRun(marker, false, null, null, "");
  }

  public DryRun intended() {
    return new DryRun(marker, true, null, null, "");
  }

  public DryRun placed(Instant at) {
    return new DryRun(marker, true, at, null, "");
  }

  public DryRun passed(Instant at) {
    return new DryRun(marker, there, placedAt, at, "");
  }

  public DryRun failed(String why, boolean stillThere) {
    return new DryRun(marker, stillThere, null, null, why);
  }

  /** Returns the dry run with its result voided; null when nothing is left of it. */
  public @Nullable DryRun abandoned() {
    return there || !problem.isEmpty() ? new DryRun(marker, there, null, null, problem) : null;
  }

  /** Returns the dry run after a person says that it can be made; null when nothing is left. */
  public @Nullable DryRun mended() {
    return there ? new DryRun(marker, true, null, null, "") : null;
  }

  /** Returns the dry run after its policy has been removed; null when nothing is left of it. */
  public @Nullable DryRun removed() {
    return passedAt == null && problem.isEmpty()
        ? null
        : new DryRun(marker, false, placedAt, passedAt, problem);
  }
}
