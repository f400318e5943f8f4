package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Of which time every line about a server was read, by pods that are there and those that ended
 * meanwhile. Only so much is accounted for by lines: the sum of others' lines says nothing of a
 * call whose own line nobody read.
 *
 * @param since nothing that was written from then on is missing; null while that is not known
 * @param broken since when nothing was missing before the latest gap; null when there was none, or
 *     one alone
 * @param until what was written until then was read
 * @param followed what pods wrote that had ended by then was not read
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
