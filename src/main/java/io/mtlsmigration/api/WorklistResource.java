// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.ItemView;
import io.mtlsmigration.api.view.OwnerView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.text.CsvText;
import io.mtlsmigration.text.TerminalText;
import io.mtlsmigration.worklist.Item;
import io.mtlsmigration.worklist.ItemKind;
import io.mtlsmigration.worklist.Worklist;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The worklist: who has to act, on what, and what that unblocks. */
@Path("/api/v1")
@Tag(name = "Worklist")
public final class WorklistResource {

  /** A value that no label can have. */
  private static final String NOBODY = "-";

  private final Observations observations;
  private final LatestOnly<Observation, Worklist> latest;

  WorklistResource(Observations observations, PlanCommands commands, OwnerLabels labels) {
    this.observations = observations;
    this.latest =
        new LatestOnly<>(
            observation ->
                Worklist.of(
                    observation,
                    commands.holds(observation),
                    labels.owners(observation.modes().snapshot())));
  }

  @GET
  @Needs(Verb.LIST)
  @Path("/worklist")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listWorklist",
      summary = "What has to be done, and what it frees",
      description =
          "What the gates of all namespaces hold for, by what would mend it; what frees most comes"
              + " first. Judged by the active plan of each namespace, else by what a plan asks for"
              + " by default. As text/csv, text/markdown and text/plain too; filters count there,"
              + " but all items come at once.")
  public Page<ItemView> worklist(@BeanParam Filter filter, @BeanParam PageQuery page) {
    return Page.of(page.paging().cutOrdered(items(filter).stream(), Item::key).map(ItemView::of));
  }

  @GET
  @Needs(Verb.LIST)
  @Path("/worklist")
  @Produces("text/csv;qs=0.5")
  @Operation(hidden = true)
  public String csv(@BeanParam Filter filter) {
    return CsvText.of(WorklistText.rows(items(filter)));
  }

  @GET
  @Needs(Verb.LIST)
  @Path("/worklist")
  @Produces("text/markdown;qs=0.5")
  @Operation(hidden = true)
  public String markdown(@BeanParam Filter filter) {
    return WorklistMarkdown.of(filter.owner(), items(filter));
  }

  @GET
  @Needs(Verb.LIST)
  @Path("/worklist")
  @Produces("text/plain;qs=0.6")
  @Operation(hidden = true)
  public String text(@BeanParam Filter filter) {
    return TerminalText.of(WorklistText.lines(items(filter)));
  }

  @GET
  @Needs(Verb.LIST)
  @Path("/owners")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listOwners",
      summary = "How far each owner is",
      description =
          "Namespaces by state, and what is still to be done, by the labels that name owners; what"
              + " nobody owns comes last.")
  public Page<OwnerView> owners(@BeanParam PageQuery page) {
    return Page.of(
        page.paging()
            .cutOrdered(latest.of(observations.latest()).owners().stream(), WorklistResource::key)
            .map(OwnerView::of));
  }

  private static String key(Worklist.Owner owner) {
    return owner.name() == null ? "1" : "0" + owner.name();
  }

  private List<Item> items(Filter filter) {
    Observation observation = observations.latest();
    if (filter.namespace() != null) {
      Namespaces.required(observation, filter.namespace());
    }
    return latest.of(observation).items().stream().filter(filter::takes).toList();
  }

  /** Filters of items; null for all. */
  public record Filter(
      @QueryParam("owner")
          @Parameter(description = "Only what this owner has to do; - for what nobody owns")
          @Nullable String owner,
      @QueryParam("namespace") @Parameter(description = "Only what is in the way of this namespace")
          @Nullable String namespace,
      @QueryParam("kind") @Parameter(description = "Only items of this kind")
          @Nullable ItemKind kind) {

    boolean takes(Item item) {
      return (owner == null || owner.equals(Objects.requireNonNullElse(item.owner(), NOBODY)))
          && (kind == null || item.kind() == kind)
          && (namespace == null
              || item.unblocks().stream().anyMatch(one -> one.namespace().equals(namespace)));
    }
  }
}
