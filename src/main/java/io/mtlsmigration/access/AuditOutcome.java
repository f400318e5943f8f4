// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

/** The outcome of a call. */
public enum AuditOutcome {
  /** Done, or accepted. */
  SUCCEEDED,
  /** The caller is not known, or has no permission. */
  DENIED,
  /** The caller has permission, but the call was wrong or came at the wrong time. */
  REJECTED,
  /** The call failed, or was never answered: its changes have to be looked up. */
  FAILED;

  static AuditOutcome of(int status) {
    if (status == 401 || status == 403) {
      return DENIED;
    }
    if (status >= 400 && status < 500) {
      return REJECTED;
    }
    return status >= 200 && status < 400 ? SUCCEEDED : FAILED;
  }
}
