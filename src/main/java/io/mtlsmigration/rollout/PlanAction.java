package io.mtlsmigration.rollout;

/** What a person may ask of a plan. */
public enum PlanAction {
  START,
  PAUSE,
  RESUME,
  ABORT,
  ROLLBACK,
  CLEANUP,
  DELETE
}
