package io.mtlsmigration.traffic;

import java.time.Instant;

/**
 * What a source of evidence says: a closed set, so that nobody takes silence for "no plaintext".
 *
 * @param <T> what is measured
 */
public sealed interface Evidence<T> {

  /**
   * The source answered: this is what it saw. Of what it did not see it says nothing by itself;
   * {@link NamespaceTraffic#watched} says since when its silence counts.
   */
  record Measured<T>(T value, Instant asOf) implements Evidence<T> {}

  /** The source answers, but has not one sample: nobody called, or nobody measures. */
  record NoSamples<T>(Instant asOf, String detail) implements Evidence<T> {}

  /** The source cannot say. */
  record Unavailable<T>(Reason reason, String detail) implements Evidence<T> {}

  /** Why a source cannot say. */
  enum Reason {
    SOURCE_DOWN,
    NOT_CONFIGURED,
    LABEL_MISSING,
    RETENTION_TOO_SHORT,
    /** The source has not watched for as long as the window asks. */
    WINDOW_NOT_COVERED,
    /** Access logs have to vouch, and lose lines again before a window has passed. */
    LINES_LOST
  }
}
