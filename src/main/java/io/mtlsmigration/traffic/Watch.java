// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The time since when a source has known everything that a workload received, without a break.
 * Calls from before are reported all the same; only silence needs a watch.
 *
 * @param since null when the workload is not watched now
 * @param sampled whether the source has any sample of what the workload received: a server without
 *     telemetry is as silent as one without clients
 * @param reason why it is not watched, or not for longer; null when that can be read anew from the
 *     source, as its age can
 * @param detail a sentence that names what broke the watch, and what to do; may be empty
 * @param ends when pods that have ended were counted last, to half a minute
 * @param counted since when its traffic is counted, independent of the lines of logs that are
 *     needed too; null when it is not counted now
 * @param until the end of the watch; null when it is the end of the reading
 * @param lost the kind of lines that are missing again and again, so that waiting does not help;
 *     null when it does, or when no lines are needed
 */
public record Watch(
    @Nullable Instant since,
    boolean sampled,
    Evidence.@Nullable Reason reason,
    String detail,
    List<Instant> ends,
    @Nullable Instant counted,
    @Nullable Instant until,
    @Nullable LineLoss lost) {
  public Watch {
    ends = List.copyOf(ends);
  }

  /** A watch by counts alone. */
  public Watch(
      @Nullable Instant since,
      boolean sampled,
      Evidence.@Nullable Reason reason,
      String detail,
      List<Instant> ends) {
    this(since, sampled, reason, detail, ends, since, null, null);
  }

  /** A watch of a workload without pods known to have ended. */
  public Watch(
      @Nullable Instant since, boolean sampled, Evidence.@Nullable Reason reason, String detail) {
    this(since, sampled, reason, detail, List.of());
  }

  /** Returns a watch from {@code since} on. */
  public static Watch from(Instant since, boolean sampled) {
    return new Watch(since, sampled, null, "");
  }

  /** Returns whether the source counts current traffic, of clients with and without a name. */
  public boolean counts(Instant now) {
    return counted != null && !counted.isAfter(now);
  }

  /**
   * Returns the end of a time in which the workload was not watched, and of which neither the mesh
   * nor the source keeps a trace: whoever is asked next does not know of it. Null when there is
   * none.
   */
  public @Nullable Instant traceless() {
    return reason == Evidence.Reason.NOT_CONFIGURED || reason == Evidence.Reason.LABEL_MISSING
        ? since
        : null;
  }

  /** Returns true when everything from this instant on is known. */
  public boolean covers(Instant from) {
    return since != null && !since.isAfter(from);
  }
}
