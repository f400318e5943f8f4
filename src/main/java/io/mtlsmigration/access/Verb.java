// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.util.Locale;

/**
 * The verbs on plans, as access rules name them. The first five are Kubernetes' own; the rest are
 * verbs of this service, which RBAC supports as well, so that those who approve can be others than
 * those who edit.
 */
public enum Verb {
  /** Read data of the whole mesh: posture, traffic, connectivity, all plans. */
  LIST,
  /** Read one plan and its records; analyse the caller's own manifests. */
  GET,
  CREATE,
  UPDATE,
  DELETE,
  START,
  PAUSE,
  RESUME,
  ABORT,
  ROLLBACK,
  CLEANUP,
  /** Approve a wave, a namespace or the mesh step. */
  APPROVE,
  /** Override gates that do not pass. */
  OVERRIDE,
  RETRY,
  /** Leave a namespace PERMISSIVE and count it as done. */
  EXEMPT,
  /** Leave out a namespace, which blocks the mesh step. */
  SKIP,
  /** Call workloads from within the mesh. */
  PROBE,
  /** Capture packets at a pod and read them: they may hold what clients sent. */
  CAPTURE,
  /** Read the audit log. */
  AUDIT;

  /** Returns the verb as in an RBAC rule. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
