// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import java.time.Instant;

/**
 * One call that changed something, attempted to, or was rejected. Bodies are not kept: they may
 * hold secrets of hooks, and decisions, with their comments, are in the plan's events.
 *
 * @param id grows with time, within one process
 * @param unrecorded number of rejected calls since the previous entry of the same kind that were
 *     too many to be recorded
 */
public record AuditEntry(
    long id, Instant at, Actor actor, Action action, Result result, long unrecorded) {

  /**
   * The caller.
   *
   * @param name empty when it is unknown
   * @param groups number of groups; their names are many and show permissions, not identity
   * @param address the address of the connection's peer
   */
  public record Actor(String name, String uid, int groups, String address) {}

  /**
   * The action.
   *
   * @param operation the operationId; empty when the call was rejected before it was known
   * @param path template; as requested when the operation is not known
   * @param plan name of the plan, or empty
   * @param namespace name of the namespace, or empty
   * @param keepPolicies whether a plan was to be deleted although its policies cannot be rolled
   *     back afterwards
   */
  public record Action(
      String operation,
      String method,
      String path,
      String plan,
      String namespace,
      boolean keepPolicies,
      String requestId) {}

  /**
   * The result.
   *
   * @param status status of the answer; 0 when there was none
   * @param problem code of the problem, or empty
   */
  public record Result(int status, String problem) {

    public AuditOutcome outcome() {
      return AuditOutcome.of(status);
    }
  }
}
