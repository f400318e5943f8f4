package io.mtlsmigration.rollout;

/** What a person may ask of a namespace or of the mesh step. */
public enum StepAction {
  RETRY,
  ROLLBACK,
  EXEMPT,
  SKIP,
  OVERRIDE,
  APPROVE
}
