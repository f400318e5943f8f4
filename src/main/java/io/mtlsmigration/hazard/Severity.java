package io.mtlsmigration.hazard;

/**
 * The severity of a finding. A BLOCKER fails the {@code hazards} gate unless an exception covers
 * it.
 */
public enum Severity {
  BLOCKER,
  WARNING,
  INFO
}
