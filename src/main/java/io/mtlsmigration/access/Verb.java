package io.mtlsmigration.access;

import java.util.Locale;

/**
 * What is done to plans, as rules of access name it. The first five are Kubernetes' own; the rest
 * are verbs of this service, which RBAC carries as well, so that those who consent can be others
 * than those who edit.
 */
public enum Verb {
  /** Read what concerns the whole mesh: posture, traffic, connectivity, all plans. */
  LIST,
  /** Read one plan and its records; analyse own manifests. */
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
  /** Consent to a wave, a namespace or the mesh step. */
  APPROVE,
  /** Let gates pass that do not. */
  OVERRIDE,
  RETRY,
  /** Leave a namespace PERMISSIVE and count it as done. */
  EXEMPT,
  /** Leave a namespace out, which blocks the mesh step. */
  SKIP,
  /** Call workloads from within the mesh. */
  PROBE,
  /** Capture packets at a pod and read what was captured: it may hold what clients said. */
  CAPTURE,
  /** Read who changed what. */
  AUDIT;

  /** As in an RBAC rule. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
