package io.mtlsmigration.access;

/** How a call ended. */
public enum AuditOutcome {
  /** Done, or taken. */
  SUCCEEDED,
  /** The caller is not known, or may not. */
  DENIED,
  /** The caller may, but the call was wrong or came at the wrong time. */
  REJECTED,
  /** Broke, or was never answered: what it changed has to be looked up. */
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
