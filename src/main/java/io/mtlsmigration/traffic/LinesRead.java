// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The time of which every line about a server was read, from existing pods and those that ended
 * meanwhile. Only traffic within it is accounted for by lines: other calls' lines say nothing about
 * a call whose own line was not read.
 *
 * @param since no line written from then on is missing; null while that is not known
 * @param broken since when no line was missing before the latest gap; null when there was at most
 *     one
 * @param until lines written until then were read
 * @param followed lines of pods that had ended by then were not read
 * @param detail a sentence that names what is missing; may be empty
 */
public record LinesRead(
    @Nullable Instant since,
    @Nullable Instant broken,
    Instant until,
    Instant followed,
    String detail) {

  /** Without a gap so far. */
  public LinesRead(@Nullable Instant since, Instant until, Instant followed, String detail) {
    this(since, null, until, followed, detail);
  }

  /** Whether gaps come sooner one after the other than a window is long: waiting mends nothing. */
  public boolean breaksWithin(Duration window) {
    return since != null && broken != null && broken.plus(window).isAfter(since);
  }
}
