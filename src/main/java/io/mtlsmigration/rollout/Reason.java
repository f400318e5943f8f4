// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

/** The reason for a result or change: one list for gates, transitions, events, logs and API. */
public enum Reason {
  // gates
  HOLDS,
  NOT_ASKED_FOR,
  OVERRIDDEN,
  NOTHING_CAPTURED,
  PODS_UNCAPTURED,
  HAZARD_FOUND,
  PLAINTEXT_CLIENTS,
  NO_SAMPLES,
  NOT_WATCHED,
  WATCH_TOO_SHORT,
  /** Access logs have to vouch, and are not kept for a window. */
  LOGS_NOT_KEPT,
  /** Access logs have to vouch, and their format does not tell which calls are plaintext. */
  LOG_FORMAT_INCOMPLETE,
  /** Access logs have to vouch, and pods end again before a window has passed. */
  PODS_END_EARLY,
  /**
   * Access logs have to vouch, and clients hide in them: any client can, and nobody prevents it.
   */
  CALLERS_UNTOLD,
  STRICT_WITHIN_WINDOW,
  CRON_JOB_PERIOD,
  EVIDENCE_UNAVAILABLE,
  STALE_OBSERVATION,
  PROBE_FAILED,
  PROBE_MISSING,
  PROXIES_NOT_SYNCED,
  DRY_RUN_REFUSED,
  SOAKING,
  OUTSIDE_CHANGE_WINDOW,
  HOOK_REFUSED,
  HOOK_PENDING,
  APPROVAL_MISSING,
  APPROVAL_VOIDED,
  BELOW_LEAST,
  POLICY_OWNED_BY_OTHER,
  AUDIT_AWAITED,
  AUDIT_RUNS,
  AUDIT_IMPOSSIBLE,
  WOULD_BE_REFUSED,
  WAITS_FOR_WAVE,
  /** A draft that starts by itself cannot yet: another plan is in its way, or the mesh. */
  WAITS_FOR_PLAN,
  NAMESPACES_NOT_LOCKED,
  // transitions
  PLAN_STARTED,
  PLAN_PAUSED,
  GATES_HOLD,
  APPROVED,
  DISABLE_IN_FORCE,
  WRITE_DONE,
  WRITE_CONFLICT,
  WRITE_REFUSED,
  API_UNAVAILABLE,
  MANIFEST_AWAITED,
  VERIFICATION_RUNS,
  VERIFIED,
  CLIENTS_REFUSED,
  CLIENTS_FAILING,
  NOT_ENFORCED,
  EVIDENCE_LOST,
  WEAKENED_BY_OTHER,
  NAMESPACE_RECREATED,
  NAMESPACE_GONE,
  REQUESTED,
  UNDONE,
  PLAN_ABORTED,
  ALREADY_STRICT,
  EXEMPT_BY_DEFAULT,
  BORN_DURING_LOCKDOWN,
  HOOK_DELIVERED,
  HOOK_FAILED,
  RATCHET_LIFTED
}
