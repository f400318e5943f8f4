// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;

/**
 * Until when servers' pods that have ended, and proxies that were started again in their pods, may
 * have counted what nobody has read.
 */
@FunctionalInterface
public interface UnseenEnds {

  /**
   * Returns that time by the name of a namespace, {@link Instant#EPOCH} or another time before the
   * window where all was read. It is not after {@code now}, also where it is not known yet.
   *
   * @throws QueryResult.FailedQuery when Prometheus does not answer
   */
  Function<String, Instant> endedUnseen(Instant now, Duration window);
}
