package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.DryRunPolicy;

/** Port: places and removes the dry run of STRICT. */
public interface DryRunPolicies {

  /** Where none can be placed: what was never placed is always gone. */
  DryRunPolicies NOT_AVAILABLE =
      new DryRunPolicies() {
        @Override
        public Placement place(DryRunPolicy policy, String marker) {
          return new Placement.Refused("a dry run of STRICT is not available here");
        }

        @Override
        public Removal remove(String namespace, String markerPrefix) {
          return new Removal.Gone();
        }
      };

  /**
   * Creates the policy and reads it back. One that carries the marker is there already, and only
   * looked at. What would be enforced is deleted at once.
   */
  Placement place(DryRunPolicy policy, String marker);

  /** Deletes the policy when its marker begins so, and sees that it is gone. */
  Removal remove(String namespace, String markerPrefix);

  /** Closed set: what became of placing. */
  sealed interface Placement {
    /** It has been created, and proxies only count it. */
    record Placed() implements Placement {}

    /** It was there already, and proxies only count it. */
    record Found() implements Placement {}

    /** It is not there, and trying again would not help. */
    record Refused(String detail) implements Placement {}

    /**
     * It was there and was not what was written, so that it may have been enforced; it has been
     * deleted, or that is still to do.
     */
    record Enforcing(String detail) implements Placement {}

    /** Nobody knows; it may be there. */
    record Unknown(String detail) implements Placement {}
  }

  /** Closed set: what became of removing. */
  sealed interface Removal {
    /** It is not there, or it is somebody else's. */
    record Gone() implements Removal {}

    /** It may still be there. */
    record Failed(String detail) implements Removal {}
  }
}
