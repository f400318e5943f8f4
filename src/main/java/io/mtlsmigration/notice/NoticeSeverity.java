// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

/** The severity of a notice, the least first; named as the severities of the alerts. */
public enum NoticeSeverity {
  INFO,
  WARNING,
  CRITICAL
}
