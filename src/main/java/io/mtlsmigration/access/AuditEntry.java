package io.mtlsmigration.access;

import java.time.Instant;

/**
 * One call that changed something, wanted to, or was turned away. Bodies are not kept: they may
 * hold secrets of hooks, and what was decided, with its comment, stands in the plan's events.
 *
 * @param id grows with time, within one process
 * @param unrecorded calls turned away since the entry before of the same kind that were too many to
 *     be recorded
 */
public record AuditEntry(
    long id, Instant at, Actor actor, Action action, Result result, long unrecorded) {

  /**
   * Who.
   *
   * @param name empty when it was not found out
   * @param groups how many; their names are many and say who may, not who did
   * @param address where the connection came from
   */
  public record Actor(String name, String uid, int groups, String address) {}

  /**
   * What.
   *
   * @param operation the operationId; empty when the call was turned away before it was known
   * @param path template; as it was asked for when the operation is not known
   * @param plan name of the plan, or empty
   * @param namespace name of the namespace, or empty
   * @param keepPolicies whether a plan was to be deleted though nobody knows the way back of its
   *     policies then
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
   * How it ended.
   *
   * @param status of the answer; 0 when there was none
   * @param problem code of the problem, or empty
   */
  public record Result(int status, String problem) {

    public AuditOutcome outcome() {
      return AuditOutcome.of(status);
    }
  }
}
