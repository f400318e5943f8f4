// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/** A reason why calls of a step may not have been counted. */
public enum StepGap {
  /** Nothing in the mesh was scraped, or the source no longer has it. */
  NOTHING_SCRAPED,
  /** No proxy of the namespace was scraped: whether it existed, and had any, is not known. */
  NO_PROXY,
  /** All scrapes of a pod, or of a ztunnel, failed. */
  SCRAPE_FAILED,
  /** Series did not tell how calls were secured. */
  NO_LABEL,
  /** No ztunnel was scraped, which counts calls to an ambient namespace. */
  NO_ZTUNNEL,
  /** Beside such a step: a gap need not begin with one. */
  BESIDE_GAP
}
