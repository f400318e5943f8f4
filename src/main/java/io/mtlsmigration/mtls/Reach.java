package io.mtlsmigration.mtls;

/** Whether a connection is predicted to be accepted. */
public enum Reach {
  OK,
  REFUSED
}
