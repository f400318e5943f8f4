// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepKey;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Plain notices for tests. */
public final class Notices {

  private Notices() {}

  public static Notice of(
      NoticeKind kind, Instant at, String namespace, @Nullable String owner, String message) {
    PlanRecord plan = Records.plan("q4");
    boolean step = kind != NoticeKind.PLAN_ENDED;
    return new Notice(
        Notice.id(kind, plan, namespace + at, at),
        kind,
        at,
        plan.name(),
        plan.uid(),
        step ? new StepKey(namespace) : null,
        owner,
        Reason.CLIENTS_REFUSED.name(),
        step ? "Namespace " + namespace + " was rolled back (plan q4)" : "Plan q4 has ended",
        message,
        null);
  }

  public static Notice rolledBack(Instant at, String namespace) {
    return of(NoticeKind.ROLLED_BACK, at, namespace, null, "a client was refused");
  }
}
