// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

/** How much a notice matters, the least first; named as the severities of the alerts. */
public enum NoticeSeverity {
  INFO,
  WARNING,
  CRITICAL
}
