package io.mtlsmigration.probe;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A round of probes that somebody asked for.
 *
 * @param total probes to make
 * @param cells results so far, in key order
 * @param endedAt null while it runs
 */
public record ProbeRun(
    String id, Instant startedAt, @Nullable Instant endedAt, int total, List<Cell> cells) {
  public ProbeRun {
    cells = List.copyOf(cells);
  }

  public boolean done() {
    return endedAt != null;
  }
}
