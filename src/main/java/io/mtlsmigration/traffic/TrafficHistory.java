package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

/** Port: how the calls of the whole mesh were secured, over time. */
public interface TrafficHistory {

  /** Where nobody measures: of no time is anything known. */
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

  /** The shortest step that the source tells apart; positive. */
  Duration finest();

  /**
   * What is known of each step, in order. Measured says that somebody called in that step: a step
   * without a call has no share of anything and is NoSamples; one in which nobody listened is
   * Unavailable. Never throws for a source that is down. May block as long as the source takes to
   * answer.
   *
   * @param from beginning of the first step; each ends where the next one begins
   * @param step not shorter than {@link #finest}
   * @param steps at least one
   */
  List<Evidence<SecuredCalls>> read(Instant from, Duration step, int steps);
}
