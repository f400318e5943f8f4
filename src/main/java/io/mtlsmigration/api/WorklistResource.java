package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.QUERY;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.view.ItemView;
import io.mtlsmigration.api.view.OwnerView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanDesk;
import io.mtlsmigration.text.CsvText;
import io.mtlsmigration.text.TerminalText;
import io.mtlsmigration.worklist.Item;
import io.mtlsmigration.worklist.ItemKind;
import io.mtlsmigration.worklist.Worklist;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Who has to act, on what, and what it frees. */
@Path("/api/v1")
@Tag(name = "Worklist")
public final class WorklistResource {

  /** No label has this value. */
  private static final String NOBODY = "-";

  private final Observations observations;
  private final Latest<Observation, Worklist> latest;

  WorklistResource(Observations observations, PlanDesk desk, OwnerLabels labels) {
    this.observations = observations;
    this.latest =
        new Latest<>(
            observation ->
                Worklist.of(
                    observation,
                    desk.holds(observation),
                    labels.owners(observation.modes().snapshot())));
  }

  @GET
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
  @Parameter(
      name = "owner",
      in = QUERY,
      description = "Only what this owner has to do; - for what nobody owns")
  @Parameter(
      name = "namespace",
      in = QUERY,
      description = "Only what is in the way of this namespace")
  @Parameter(
      name = "kind",
      in = QUERY,
      description = "Only items of this kind",
      schema = @Schema(implementation = ItemKind.class))
  public Page<ItemView> worklist(UriInfo uri) {
    Query query = Query.of(uri);
    Filter filter = Filter.of(query);
    Paging paging = query.paging();
    query.end();
    return Page.of(paging.cutOrdered(items(filter).stream(), Item::key).map(ItemView::of));
  }

  @GET
  @Path("/worklist")
  @Produces("text/csv;qs=0.5")
  @Operation(hidden = true)
  public String csv(UriInfo uri) {
    return CsvText.of(WorklistText.rows(all(uri).items()));
  }

  @GET
  @Path("/worklist")
  @Produces("text/markdown;qs=0.5")
  @Operation(hidden = true)
  public String markdown(UriInfo uri) {
    return WorklistMarkdown.of(all(uri));
  }

  @GET
  @Path("/worklist")
  @Produces("text/plain;qs=0.6")
  @Operation(hidden = true)
  public String text(UriInfo uri) {
    return TerminalText.of(WorklistText.lines(all(uri).items()));
  }

  @GET
  @Path("/owners")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listOwners",
      summary = "How far each owner is",
      description =
          "Namespaces by state, and what is still to be done, by the labels that name owners; what"
              + " nobody owns comes last.")
  public Page<OwnerView> owners(UriInfo uri) {
    Query query = Query.of(uri);
    Paging paging = query.paging();
    query.end();
    return Page.of(
        paging
            .cutOrdered(latest.of(observations.latest()).owners().stream(), WorklistResource::key)
            .map(OwnerView::of));
  }

  private static String key(Worklist.Owner owner) {
    return owner.name() == null ? "1" : "0" + owner.name();
  }

  /** A digest: whom it is for, and all that they have to do. */
  record Digest(@Nullable String owner, List<Item> items) {}

  private Digest all(UriInfo uri) {
    Query query = Query.of(uri);
    Filter filter = Filter.of(query);
    query.end();
    return new Digest(filter.owner(), items(filter));
  }

  private List<Item> items(Filter filter) {
    Observation observation = observations.latest();
    if (filter.namespace() != null) {
      Namespaces.required(observation, filter.namespace());
    }
    return latest.of(observation).items().stream().filter(filter::takes).toList();
  }

  private record Filter(
      @Nullable String owner, @Nullable String namespace, @Nullable ItemKind kind) {

    static Filter of(Query query) {
      return new Filter(
          query.text("owner"), query.text("namespace"), query.choice("kind", ItemKind.class));
    }

    boolean takes(Item item) {
      return (owner == null || owner.equals(Objects.requireNonNullElse(item.owner(), NOBODY)))
          && (kind == null || item.kind() == kind)
          && (namespace == null
              || item.unblocks().stream().anyMatch(one -> one.namespace().equals(namespace)));
    }
  }
}
