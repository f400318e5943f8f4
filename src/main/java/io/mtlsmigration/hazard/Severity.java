package io.mtlsmigration.hazard;

/** How bad a finding is. A BLOCKER fails the {@code hazards} gate unless an exception covers it. */
public enum Severity {
  BLOCKER,
  WARNING,
  INFO
}
