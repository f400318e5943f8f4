// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.time.Duration;

/**
 * Bounds on the values of plans. They keep a typing error from holding a migration for years, or
 * from judging a lock before its effect can be seen.
 *
 * @param minVerification verification must be longer: an old connection has to drain, a scrape to
 *     happen, and an access log line to arrive
 * @param maxWindow longest evidence window
 * @param maxWait longest soak, audit and verification
 * @param hookTargets addresses that hooks may call
 * @param maxPlans maximum number of plans, including those that have ended: each is processed in
 *     every tick, and kept with its events
 * @param least the minimum gates of each plan, unless a person may override that
 */
public record PlanLimits(
    Duration minVerification,
    Duration maxWindow,
    Duration maxWait,
    HookTargets hookTargets,
    int maxPlans,
    LeastGates least) {

  private static final int MAX_PLANS = 500;

  /** Envoy drains for 45 s by default, Prometheus scrapes every 60 s, log lines are 2 s late. */
  public static final PlanLimits REAL_MESH =
      of(Duration.ofSeconds(45), Duration.ofSeconds(60), Duration.ofSeconds(2));

  /** For stand-in proxies that drain at once and count immediately. */
  public static final PlanLimits SANDBOX = of(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(1));

  public static PlanLimits of(Duration drain, Duration scrape, Duration logLag) {
    return new PlanLimits(
        drain.plus(scrape).plus(logLag),
        Duration.ofDays(90),
        Duration.ofDays(30),
        HookTargets.PUBLIC,
        MAX_PLANS,
        LeastGates.NOTHING);
  }

  public PlanLimits withHookTargets(HookTargets next) {
    return new PlanLimits(minVerification, maxWindow, maxWait, next, maxPlans, least);
  }

  public PlanLimits withMaxPlans(int next) {
    return new PlanLimits(minVerification, maxWindow, maxWait, hookTargets, next, least);
  }

  public PlanLimits withLeast(LeastGates next) {
    return new PlanLimits(minVerification, maxWindow, maxWait, hookTargets, maxPlans, next);
  }
}
