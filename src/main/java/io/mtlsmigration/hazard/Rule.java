package io.mtlsmigration.hazard;

/**
 * One hazard: its entry in the catalogue, and how to find it. A rule looks at which pods are really
 * captured before it speaks; what harms nobody is not reported.
 */
interface Rule {

  Hazard hazard();

  /** Reports what it finds in one namespace. */
  void check(Inspection namespace);
}
