// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** A condition that must hold before a lock. The API writes gates in lower case. */
public enum Gate {
  CAPTURE,
  HAZARDS,
  PLAINTEXT,
  AUDIT,
  PROBES,
  SYNC,
  SOAK,
  WINDOW,
  HOOKS,
  APPROVAL
}
