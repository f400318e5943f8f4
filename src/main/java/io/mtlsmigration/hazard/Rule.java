// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

/**
 * The code that finds one hazard; its name is that of the {@link HazardCode}. A rule checks which
 * pods are really captured before it reports; harmless configurations are not reported.
 */
interface Rule {

  /** Reports the findings of one namespace. */
  void check(Inspection namespace);
}
