package io.mtlsmigration.rollout;

/** What must hold before a lock. The API writes them in lower case. */
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
