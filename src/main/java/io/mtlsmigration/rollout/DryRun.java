package io.mtlsmigration.rollout;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where the dry run of STRICT of a step stands.
 *
 * @param marker that the placed policy carries
 * @param there whether the policy may be in the cluster; set before it is placed, taken back when
 *     its absence has been seen
 * @param placedAt since when it counts; null while it does not
 * @param passedAt when it had refused nobody for long enough; null while it has not
 * @param problem why it cannot be made, and is not tried again by itself; empty when it can
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

  /** Its result is void; null when nothing is left of it. */
  public @Nullable DryRun abandoned() {
    return there || !problem.isEmpty() ? new DryRun(marker, there, null, null, problem) : null;
  }

  /** Somebody says that it can be made now; null when nothing is left of it. */
  public @Nullable DryRun mended() {
    return there ? new DryRun(marker, true, null, null, "") : null;
  }

  /** Its policy is gone; null when nothing is left of it. */
  public @Nullable DryRun removed() {
    return passedAt == null && problem.isEmpty()
        ? null
        : new DryRun(marker, false, placedAt, passedAt, problem);
  }
}
