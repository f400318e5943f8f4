// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.traffic.StepGap;

/** A reason why the silence of a time is not known; the names are stable. */
public enum UnknownCause {
  /** The namespace does not exist now, so that its servers are not known. */
  NAMESPACE_GONE,
  /** No pod of the namespace has a proxy now: there is nothing to lock. */
  NOTHING_CAPTURED,
  /** The source of evidence did not answer. */
  EVIDENCE_UNAVAILABLE,
  /** It is longer ago than histories are read, or has not ended. */
  NOT_READ,
  /** Nothing in the mesh was scraped, or the source no longer has it. */
  NOTHING_SCRAPED,
  /** No proxy of the namespace was scraped: it may not have existed, or have had none. */
  NO_PROXY,
  /** All scrapes of a pod or a ztunnel failed. */
  SCRAPE_FAILED,
  /** Series did not tell how calls were secured. */
  NO_LABEL,
  /** No ztunnel was scraped. */
  NO_ZTUNNEL,
  /** Beside such an hour: a gap need not begin on the hour. */
  BESIDE_GAP,
  /** Nobody watched, and the source does not tell why. */
  NOT_WATCHED,
  /** A server had no sample: it may have had no proxy, no telemetry, or not have existed. */
  NO_SAMPLES,
  /** Calls were made before that at a time that nobody knows. */
  UNDATED_CALLS,
  /** Plaintext was refused, or may have been, and refused calls are not counted. */
  STRICT,
  /** A server has pods without a proxy, which count nothing. */
  PODS_UNCAPTURED,
  /** A CronJob without a proxy runs less often than the window: the gate holds. */
  CRON_JOB_PERIOD;

  static UnknownCause of(StepGap gap) {
    return switch (gap) {
      case NOTHING_SCRAPED -> NOTHING_SCRAPED;
      case NO_PROXY -> NO_PROXY;
      case SCRAPE_FAILED -> SCRAPE_FAILED;
      case NO_LABEL -> NO_LABEL;
      case NO_ZTUNNEL -> NO_ZTUNNEL;
      case BESIDE_GAP -> BESIDE_GAP;
    };
  }
}
