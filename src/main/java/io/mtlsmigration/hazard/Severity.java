// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

/** The severity of a finding. A BLOCKER fails the {@code hazards} gate unless it is excepted. */
public enum Severity {
  BLOCKER,
  WARNING,
  INFO
}
