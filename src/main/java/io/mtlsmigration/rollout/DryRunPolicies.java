// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.DryRunPolicy;

/** Port: places and removes the dry run of STRICT. */
public interface DryRunPolicies {

  /**
   * Creates the policy and reads it back. A policy that already carries the marker is only checked.
   * A policy that would be enforced is deleted at once.
   */
  Placement place(DryRunPolicy policy, String marker);

  /** Deletes the policy if its marker has the prefix, and verifies that it is gone. */
  Removal remove(String namespace, String markerPrefix);

  /** The result of placing a policy. Closed set. */
  sealed interface Placement {
    /** The policy has been created, and proxies only count it. */
    record Placed() implements Placement {}

    /**
     * The policy was already there, and proxies only count it.
     *
     * @param version of what is there, see {@link io.mtlsmigration.mesh.ObjectMeta#version}
     */
    record Found(String version) implements Placement {}

    /** The policy is not there, and a retry would not help. */
    record Refused(String detail) implements Placement {}

    /**
     * The policy was there but differed from what was written, so it may have been enforced; it has
     * been deleted, or still has to be.
     */
    record Enforcing(String detail) implements Placement {}

    /** The outcome is unknown; the policy may be there. */
    record Unknown(String detail) implements Placement {}
  }

  /** The result of removing a policy. Closed set. */
  sealed interface Removal {
    /** The policy is not there, or belongs to somebody else. */
    record Gone() implements Removal {}

    /** The policy may still be there. */
    record Failed(String detail) implements Removal {}
  }
}
