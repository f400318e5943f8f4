// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

/** The subject of a notice. */
public enum NoticeKind {
  /** A step waits for an approval. Told while it does. */
  AWAITING_APPROVAL(NoticeSeverity.WARNING),
  /** Verification failed and the plan says HOLD: only a person continues. Told while it is held. */
  HELD(NoticeSeverity.CRITICAL),
  /** A step was undone. */
  ROLLED_BACK(NoticeSeverity.WARNING),
  /** Somebody weakened what a plan had locked. */
  DRIFTED(NoticeSeverity.CRITICAL),
  /** A locked step refuses its clients, or protects nothing. */
  UNHEALTHY(NoticeSeverity.CRITICAL),
  /** A locked step that was unhealthy is in order again. */
  HEALTHY_AGAIN(NoticeSeverity.INFO),
  /** The last day of an exception is near, or over. */
  EXCEPTION_EXPIRING(NoticeSeverity.WARNING),
  /** A plan has nothing left to do. */
  PLAN_ENDED(NoticeSeverity.INFO),
  /** Somebody tries out a receiver. */
  TEST(NoticeSeverity.INFO);

  private final NoticeSeverity severity;

  NoticeKind(NoticeSeverity severity) {
    this.severity = severity;
  }

  public NoticeSeverity severity() {
    return severity;
  }
}
