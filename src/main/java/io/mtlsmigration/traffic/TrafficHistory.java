// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** Port: the security of the calls of the whole mesh over time. */
public interface TrafficHistory {

  /** The port where nothing is measured. */
  TrafficHistory NOT_CONFIGURED =
      new TrafficHistory() {
        @Override
        public Duration finest() {
          return Duration.ofSeconds(1);
        }

        @Override
        public List<Evidence<SecuredCalls>> read(Instant from, Duration step, int steps) {
          return Collections.nCopies(
              steps,
              new Evidence.Unavailable<>(
                  Evidence.Reason.NOT_CONFIGURED,
                  "no source of traffic evidence is configured: set"
                      + " mtls-migration.prometheus.url"));
        }
      };

  /** Returns the shortest step that the source supports; positive. */
  Duration finest();

  /**
   * Returns what is known of each step, in order. Measured means that there were calls in that
   * step: a step without a call has no shares and is NoSamples; one in which nobody measured is
   * Unavailable. Never throws for a source that is down. May block until the source answers.
   *
   * @param from beginning of the first step; each ends where the next one begins
   * @param step not shorter than {@link #finest}
   * @param steps at least one
   */
  List<Evidence<SecuredCalls>> read(Instant from, Duration step, int steps);
}
