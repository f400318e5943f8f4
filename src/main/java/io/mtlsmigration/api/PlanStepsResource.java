// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.StepSort;
import io.mtlsmigration.api.view.StepView;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The steps of a plan: those of namespaces, and the mesh step. */
@Path("/api/v1/plans/{plan}")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Steps")
public final class PlanStepsResource {

  private final RolloutLedger ledger;
  private final PlanCommands commands;
  private final Plans plans;

  private final LatestOnly<PlanRecord, Map<String, String>> waves =
      new LatestOnly<>(StepView::waves);

  PlanStepsResource(RolloutLedger ledger, PlanCommands commands, Plans plans) {
    this.ledger = ledger;
    this.commands = commands;
    this.plans = plans;
  }

  @GET
  @Needs(Verb.GET)
  @Path("/namespaces")
  @Operation(
      operationId = "listPlanNamespaces",
      summary = "The namespaces of a plan",
      description =
          "In the order of their names, unless asked otherwise. There are none before the plan is"
              + " started.")
  public Page<StepView> list(
      @QueryParam("phase") @Parameter(description = "Only namespaces in this phase")
          @Nullable Phase phase,
      @QueryParam("sort") @Nullable Sorting<StepSort> sorting,
      @PathParam("plan") String name,
      @BeanParam PageQuery page) {
    PlanRecord plan = plans.plan(name);
    Map<String, List<Cell>> probes = plans.probes();
    Map<String, String> waves = this.waves.of(plan);
    Stream<StepRecord> steps =
        ledger.steps(name).stream()
            .filter(step -> !step.key().isMesh())
            .filter(step -> phase == null || step.phase() == phase);
    Paging.Part<StepRecord> part =
        page.paging()
            .cutOrdered(steps, step -> step.key().namespace(), sorting, PlanStepsResource::value);
    return Page.of(
        part.map(
            step ->
                StepView.of(
                    plan,
                    waves,
                    step,
                    probes.getOrDefault(step.key().namespace(), List.of()),
                    commands)));
  }

  private static @Nullable String value(StepRecord step, StepSort field) {
    return switch (field) {
      case NAMESPACE -> step.key().namespace();
      case PHASE -> Sorting.place(step.phase(), List.of(Phase.values()));
      case SINCE -> Sorting.instant(step.since());
      case AUTOMATIC_ROLLBACKS -> Sorting.number(step.automaticRollbacks());
    };
  }

  @GET
  @Path("/namespaces/{namespace}")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanNamespace",
      summary = "A namespace of a plan",
      description =
          "Its phase and why, the gates, the latest probes, and what was written with what was"
              + " there before.")
  public StepView get(
      @PathParam("namespace") String namespace,
      @PathParam("plan") String name,
      @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    StepRecord step = plans.step(name, StepKey.ofNamespace(namespace));
    EntityTags.version(request, step.version());
    return StepView.of(plan, step, plans.probes(step.key()), commands);
  }

  @GET
  @Needs(Verb.GET)
  @Path("/mesh")
  @Operation(
      operationId = "getPlanMesh",
      summary = "The mesh step of a plan",
      description = "Its phase and why, which namespaces it waits for, and what was written.")
  public StepView mesh(@PathParam("plan") String name, @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    StepRecord step = plans.step(name, StepKey.MESH);
    EntityTags.version(request, step.version());
    return StepView.of(plan, step, plans.probes(step.key()), commands);
  }
}
