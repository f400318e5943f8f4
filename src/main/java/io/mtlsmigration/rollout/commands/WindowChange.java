// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.PlanWindows;

/**
 * Other windows for a plan.
 *
 * @param override whether a window may be shorter than before in a plan that was started
 * @param comment why; kept with the event. Not blank with an override
 */
public record WindowChange(PlanWindows windows, boolean override, String comment) {}
