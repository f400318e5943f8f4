// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ProblemDetail;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.ReportView;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.PlanCommands;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** A plan's exports: manifests for repositories, reports for auditors. */
@Path("/api/v1/plans/{plan}")
@Tag(name = "Plans")
public final class PlanRecordsResource {

  /** A name of application/yaml that RFC 9512 calls deprecated. */
  private static final String TEXT_YAML = "text/yaml";

  private final RolloutLedger ledger;
  private final Observations observations;
  private final PlanCommands commands;
  private final Plans plans;

  PlanRecordsResource(
      RolloutLedger ledger, Observations observations, PlanCommands commands, Plans plans) {
    this.ledger = ledger;
    this.observations = observations;
    this.commands = commands;
    this.plans = plans;
  }

  @GET
  @Path("/manifests")
  @Needs(Verb.GET)
  @Produces(PlansResource.YAML)
  @Operation(
      operationId = "getPlanManifests",
      summary = "A plan's policies as YAML",
      description =
          "What was applied, and what would be on the mesh as it is, split by wave; for GitOps."
              + " Each object comes once, in its last form.")
  public String manifests(
      @PathParam("plan") String name,
      @QueryParam("wave") @Parameter(description = "Only this wave; mesh for the mesh step")
          @Nullable String wave) {
    PlanRecord plan = plans.plan(name);
    Map<String, String> parts =
        PlanManifests.of(plan, ledger.steps(name), observations.latest().modes());
    if (wave == null) {
      return String.join("", parts.values());
    }
    String part = parts.get(wave);
    if (part == null) {
      throw ApiException.notFound("wave " + wave + " in plan " + name);
    }
    return part;
  }

  /**
   * The same under YAML's older name, also for clients that accept nothing but problems: those that
   * are generated for Python send the one type with JSON in it, and read JSON and text/… alone.
   */
  @GET
  @Path("/manifests")
  @Needs(Verb.GET)
  @Produces({TEXT_YAML + ";qs=0.5", ProblemDetail.MEDIA_TYPE + ";qs=0.1"})
  @Operation(hidden = true)
  public RestResponse<String> manifestsAsText(
      @PathParam("plan") String name, @QueryParam("wave") @Nullable String wave) {
    return RestResponse.ResponseBuilder.ok(manifests(name, wave), TEXT_YAML).build();
  }

  @GET
  @Path("/report")
  @Needs(Verb.GET)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "getPlanReport",
      summary = "A plan's report",
      description =
          "Who approved what, when each namespace was locked and on which evidence. As"
              + " text/markdown too.")
  public ReportView report(@PathParam("plan") String name) {
    PlanRecord plan = plans.plan(name);
    return ReportView.of(plan, ledger.steps(name), commands);
  }

  @GET
  @Path("/report")
  @Needs(Verb.GET)
  @Produces("text/markdown;qs=0.5")
  @Operation(hidden = true)
  public String markdown(@PathParam("plan") String name) {
    return ReportMarkdown.of(report(name));
  }
}
