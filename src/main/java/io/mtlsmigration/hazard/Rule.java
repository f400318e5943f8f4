// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

/**
 * One hazard: its entry in the catalogue, and the code that finds it. A rule checks which pods are
 * really captured before it reports; harmless configurations are not reported.
 */
interface Rule {

  Hazard hazard();

  /** Reports the findings of one namespace. */
  void check(Inspection namespace);
}
