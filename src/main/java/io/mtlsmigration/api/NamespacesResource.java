// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.ImpactView;
import io.mtlsmigration.api.view.NamespaceSort;
import io.mtlsmigration.api.view.NamespaceView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.ReadinessView;
import io.mtlsmigration.api.view.WorkloadSort;
import io.mtlsmigration.api.view.WorkloadView;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.PlanCommands;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Namespaces and their readiness, impact and workloads. */
@Path("/api/v1/namespaces")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Namespaces")
public final class NamespacesResource {

  private final Observations observations;
  private final RolloutLedger ledger;
  private final PlanCommands commands;
  private final Impacts impacts;
  private final CallWindows windows;

  NamespacesResource(
      Observations observations,
      RolloutLedger ledger,
      PlanCommands commands,
      Impacts impacts,
      CallWindows windows) {
    this.observations = observations;
    this.ledger = ledger;
    this.commands = commands;
    this.impacts = impacts;
    this.windows = windows;
  }

  @GET
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listNamespaces",
      summary = "Namespaces and how far they are",
      description = "In the order of their names, unless asked otherwise.")
  public Page<NamespaceView> namespaces(
      @QueryParam("posture") @Parameter(description = "Only namespaces of this posture")
          @Nullable Posture posture,
      @QueryParam("phase") @Parameter(description = "Only namespaces in this phase of their plan")
          @Nullable Phase phase,
      @QueryParam("name")
          @Parameter(
              description = "Only namespaces whose name contains this text; case does not matter")
          @Nullable String name,
      @QueryParam("labelSelector")
          @Parameter(
              description = "Only namespaces with such labels, in the form that kubectl takes",
              schema = @Schema(implementation = String.class, examples = "team=a,tier in (web,db)"))
          @Nullable LabelSelector labels,
      @QueryParam("sort") @Nullable Sorting<NamespaceSort> sorting,
      @BeanParam PageQuery page) {
    Observation observation = observations.latest();
    NamespacePlans standings = NamespacePlans.of(ledger);
    Namespaces namespaces = new Namespaces(observation, standings);
    Stream<NamespaceFacts> wanted =
        observation.modes().snapshot().namespaces().values().stream()
            .filter(
                ns ->
                    posture == null
                        || observation.modes().namespace(ns.name()).tally().posture() == posture)
            .filter(ns -> name == null || ns.name().contains(name.toLowerCase(Locale.ROOT)))
            .filter(ns -> labels == null || labels.matches(ns.labels()))
            .filter(ns -> phase == null || standings.phase(ns.name()) == phase);
    Paging.Part<NamespaceFacts> part =
        page.paging().cutOrdered(wanted, NamespaceFacts::name, sorting, namespaces::value);
    return Page.of(part.map(namespaces::view));
  }

  @GET
  @Path("/{namespace}")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "getNamespace",
      summary = "A namespace and how far it is",
      description = "Its posture, who still sends it plaintext, its hazards and its phase.")
  public NamespaceView namespace(@PathParam("namespace") String name) {
    Observation observation = observations.latest();
    NamespaceFacts facts = Namespaces.required(observation, name);
    return new Namespaces(observation, NamespacePlans.of(ledger)).view(facts);
  }

  @GET
  @Path("/{namespace}/workloads")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listNamespaceWorkloads",
      summary = "Workloads of a namespace",
      description =
          "With the mode in force for each container port and the policy that decides it.")
  public Page<WorkloadView> workloads(
      @PathParam("namespace") String name,
      @QueryParam("mode") @Parameter(description = WorkloadLists.OF_MODE) @Nullable MtlsMode mode,
      @QueryParam("sort") @Nullable Sorting<WorkloadSort> sorting,
      @BeanParam PageQuery page) {
    Observation observation = observations.latest();
    return WorkloadLists.page(
        observation.modes(),
        List.of(Namespaces.required(observation, name)),
        Namespaces.inForce(mode),
        sorting,
        page.paging());
  }

  @GET
  @Path("/{namespace}/readiness")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "getNamespaceReadiness",
      summary = "Would the namespace be locked now?",
      description =
          "All gates with result, reason and evidence; by the plan that is named, else by the"
              + " namespace's active plan, else by the defaults.")
  public ReadinessView readiness(
      @PathParam("namespace") String name,
      @QueryParam("plan") @Parameter(description = "The plan by whose gates it is judged")
          @Nullable String named) {
    Namespaces.required(observations.latest(), name);
    PlanRecord plan = NamespacePlans.basis(ledger, named, name).orElse(null);
    PlanSpec spec = plan == null ? Impacts.defaults(PlanSpec.Target.NAMESPACES) : plan.spec();
    return ReadinessView.of(name, commands.readiness(name, plan), windows.warnings(name, spec));
  }

  @GET
  @Path("/{namespace}/impact")
  @Needs(Verb.LIST)
  @Operation(
      operationId = "getNamespaceImpact",
      summary = "What-if: another mode for a namespace",
      description =
          "Every known client to port with its outcome now and then, the exact objects that would"
              + " be written, and the hash that approvals refer to.")
  public ImpactView impact(
      @QueryParam("mode") @Parameter(description = "The mode to ask about; STRICT when left out")
          @Nullable MtlsMode mode,
      @BeanParam Impacts.Filter filter,
      @PathParam("namespace") String name,
      @BeanParam PageQuery page) {
    return impacts.namespace(name, mode, filter, page.paging());
  }
}
