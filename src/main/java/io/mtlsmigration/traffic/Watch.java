package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Since when a source has known everything that a workload took, without a break. What it saw
 * before that it tells all the same; only silence needs to be vouched for.
 *
 * @param since null when the workload is not watched now
 * @param sampled whether the source has any sample of what the workload took: a server whose
 *     telemetry is off is as silent as one that nobody calls
 * @param reason why it is not watched, or not for longer; null when the reason is its age alone
 * @param detail a sentence that names what broke the watch, and what to do; may be empty
 * @param ends when pods that have ended were counted last, to half a minute
 * @param counted since when what it took is counted, whatever lines of logs have to vouch for
 *     beside; null when it is not counted now
 * @param until what came after that is not vouched for; null when the reading's own end bounds it
 */
public record Watch(
    @Nullable Instant since,
    boolean sampled,
    Evidence.@Nullable Reason reason,
    String detail,
    List<Instant> ends,
    @Nullable Instant counted,
    @Nullable Instant until) {
  public Watch {
    ends = List.copyOf(ends);
  }

  /** By what counts alone. */
  public Watch(
      @Nullable Instant since,
      boolean sampled,
      Evidence.@Nullable Reason reason,
      String detail,
      List<Instant> ends) {
    this(since, sampled, reason, detail, ends, since, null);
  }

  /** Of a workload of which no pod is known to have ended. */
  public Watch(
      @Nullable Instant since, boolean sampled, Evidence.@Nullable Reason reason, String detail) {
    this(since, sampled, reason, detail, List.of());
  }

  /** Watched from {@code since} on. */
  public static Watch from(Instant since, boolean sampled) {
    return new Watch(since, sampled, null, "");
  }

  /** Whether the source counts what comes now: who is seen, and who is not named, counts alike. */
  public boolean counts(Instant now) {
    return counted != null && !counted.isAfter(now);
  }

  /** True when everything from this instant on is known. */
  public boolean covers(Instant from) {
    return since != null && !since.isAfter(from);
  }
}
