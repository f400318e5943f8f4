// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;

/**
 * The answer of a source of evidence. Closed set, so that silence is not taken for "no plaintext".
 *
 * @param <T> the measured value
 */
public sealed interface Evidence<T> {

  /**
   * The source answered with what it saw. By itself this says nothing about what it did not see;
   * {@link NamespaceTraffic#watched} says since when its silence counts.
   */
  record Measured<T>(T value, Instant asOf) implements Evidence<T> {}

  /** The source answers, but has no sample: nobody called, or nobody measures. */
  record NoSamples<T>(Instant asOf, String detail) implements Evidence<T> {}

  /** The source cannot answer. */
  record Unavailable<T>(Reason reason, String detail) implements Evidence<T> {}

  /** The reason why a source cannot answer. */
  enum Reason {
    SOURCE_DOWN,
    NOT_CONFIGURED,
    LABEL_MISSING,
    RETENTION_TOO_SHORT,
    /** The source has watched for less than the window. */
    WINDOW_NOT_COVERED
  }
}
