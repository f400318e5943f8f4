// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.BacktestView;
import io.mtlsmigration.api.view.CommandBody.BacktestBody;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.text.TerminalText;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Tells what would have become of a plan in the past. */
@Path("/api/v1/plans/{plan}/backtest")
@Consumes(MediaType.WILDCARD) // JSON or YAML; the body's reader rejects anything else
@Tag(name = "Plans")
public final class PlanBacktestResource {

  private final Plans plans;
  private final Backtests backtests;
  private final Observations observations;
  private final OwnerLabels ownerLabels;

  PlanBacktestResource(
      Plans plans, Backtests backtests, Observations observations, OwnerLabels ownerLabels) {
    this.plans = plans;
    this.backtests = backtests;
    this.observations = observations;
    this.ownerLabels = ownerLabels;
  }

  @POST
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread // the source of evidence may take its time
  @Operation(
      operationId = "backtestPlan",
      summary = "Had this plan run: when would each gate have opened, and who would be refused?",
      description =
          "By the history of calls that the source of evidence has: for each namespace, in the"
              + " order of waves, when it would have been locked, and which clients called"
              + " afterwards. An hour of which nothing is known is never silence: where one would"
              + " decide, the outcome is UNKNOWN. Changes nothing, and the plan may be in any"
              + " phase. While the source has not answered, within ten seconds, outcomes are"
              + " UNKNOWN: ask again. As text/markdown and text/plain too.")
  public BacktestView backtest(@PathParam("plan") String plan, BacktestBody body) {
    Backtests.Told told = backtests.judge(plans.plan(plan), body);
    return BacktestView.of(
        told.backtest(),
        told.unjudged(),
        ownerLabels.owners(observations.latest().modes().snapshot()));
  }

  @POST
  @Needs(Verb.LIST)
  @Produces("text/markdown;qs=0.5")
  @RunOnVirtualThread
  @Operation(hidden = true)
  public String markdown(@PathParam("plan") String plan, BacktestBody body) {
    return BacktestMarkdown.of(backtest(plan, body));
  }

  @POST
  @Needs(Verb.LIST)
  @Produces("text/plain;qs=0.6")
  @RunOnVirtualThread
  @Operation(hidden = true)
  public String text(@PathParam("plan") String plan, BacktestBody body) {
    return TerminalText.of(BacktestText.lines(backtest(plan, body)));
  }
}
