// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Reason;
import java.util.EnumSet;
import java.util.Set;

/** Reasons that time alone resolves, so that they are no work for anybody. */
public final class TimedReasons {

  /** Reasons that end by themselves, or are asked for when all others hold. */
  private static final Set<Reason> PASSING =
      EnumSet.of(
          Reason.WATCH_TOO_SHORT,
          Reason.STRICT_WITHIN_WINDOW,
          Reason.CALLERS_UNTOLD, // no work for anybody: it ends when clients stop
          Reason.AUDIT_AWAITED,
          Reason.AUDIT_RUNS,
          Reason.SOAKING,
          Reason.OUTSIDE_CHANGE_WINDOW,
          Reason.HOOK_PENDING,
          Reason.APPROVAL_MISSING,
          Reason.APPROVAL_VOIDED,
          Reason.WAITS_FOR_WAVE,
          Reason.NAMESPACES_NOT_LOCKED, // each of the namespaces reports its own holds
          Reason.WRITE_CONFLICT);

  private TimedReasons() {}

  public static boolean has(Reason reason) {
    return PASSING.contains(reason);
  }
}
