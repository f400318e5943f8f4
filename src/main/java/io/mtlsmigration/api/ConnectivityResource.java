package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.QUERY;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.api.input.Fields;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.input.SortField;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CellSort;
import io.mtlsmigration.api.view.CommandBodies.ProbeBody;
import io.mtlsmigration.api.view.ConnectivityView;
import io.mtlsmigration.api.view.ConnectivityView.CellChange;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.MatrixText;
import io.mtlsmigration.probe.ProbeDesk;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeRun;
import io.mtlsmigration.text.TerminalText;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What probes show. */
@Path("/api/v1/connectivity")
@Tag(name = "Evidence")
public final class ConnectivityResource {

  private static final int RETRY_AFTER_SECONDS = 10;

  private static final String NO_CLIENT =
      "Only probes from here: a namespace or namespace/workload";
  private static final String NO_SERVER =
      "Only probes to there: a namespace, namespace/service or namespace/service:port";

  private final ConnectivityLog log;
  private final ProbeDesk desk;

  ConnectivityResource(ConnectivityLog log, ProbeDesk desk) {
    this.log = log;
    this.desk = desk;
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "getConnectivity",
      summary = "The latest matrix of probes",
      description =
          "What each client got from each endpoint, and what the policies predict. As text/plain"
              + " it prints one line for each client and Service port, as Istio's Mutual TLS"
              + " Migration task does; filters count there too, but all lines come at once.")
  @Parameter(name = "from", in = QUERY, description = NO_CLIENT)
  @Parameter(name = "to", in = QUERY, description = NO_SERVER)
  @Parameter(
      name = "outcome",
      in = QUERY,
      description = "Only probes with this outcome",
      schema = @Schema(implementation = ProbeOutcome.class))
  @Parameter(
      name = "unexpected",
      in = QUERY,
      description = "Only probes whose outcome is not what the policies predict",
      schema = @Schema(type = SchemaType.BOOLEAN))
  @Parameter(
      name = "sort",
      in = QUERY,
      description = SortField.WORDS,
      schema = @Schema(implementation = CellSort.class))
  public ConnectivityView matrix(UriInfo uri) {
    Query query = Query.of(uri);
    Predicate<Cell> filter = filter(query);
    Sorting<CellSort> sorting = query.sorting(CellSort.class);
    Paging paging = query.paging();
    query.end();
    ConnectivityMatrix matrix = log.matrix();
    Stream<Cell> cells = matrix.cells().stream().filter(filter);
    return ConnectivityView.of(
        matrix,
        paging.cut(
            cells, cell -> ConnectivityView.key(cell.key()), sorting, ConnectivityResource::value));
  }

  private static String value(Cell cell, CellSort field) {
    return switch (field) {
      case FROM -> cell.from();
      case TO -> cell.to();
      case OUTCOME -> Sorting.number(cell.outcome().rank());
      case LATENCY_MS -> Sorting.number(cell.latencyMs());
      case CHECKED_AT -> Sorting.instant(cell.checkedAt());
    };
  }

  @GET
  @Needs(Verb.LIST)
  @Produces("text/plain;qs=0.5")
  @Operation(hidden = true)
  public String lines(UriInfo uri) {
    Query query = Query.of(uri);
    Predicate<Cell> filter = filter(query);
    query.end();
    return TerminalText.of(MatrixText.lines(log.matrix().cells().stream().filter(filter).toList()));
  }

  private static Predicate<Cell> filter(Query query) {
    Predicate<Cell.Key> pair = pair(query);
    ProbeOutcome outcome = query.choice("outcome", ProbeOutcome.class);
    boolean unexpected = query.flag("unexpected");
    return cell ->
        pair.test(cell.key())
            && (outcome == null || cell.outcome() == outcome)
            && (!unexpected || (cell.expected() != null && cell.expected() != cell.outcome()));
  }

  private static Predicate<Cell.Key> pair(Query query) {
    String from = query.text("from");
    String to = query.text("to");
    return key ->
        (from == null || within(key.from(), from)) && (to == null || within(key.to(), to));
  }

  /** True when {@code id} is the wanted one, or begins with it up to a slash or colon. */
  private static boolean within(String id, String wanted) {
    return id.startsWith(wanted)
        && (id.length() == wanted.length()
            || id.charAt(wanted.length()) == '/'
            || id.charAt(wanted.length()) == ':');
  }

  @GET
  @Path("/history")
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listConnectivityChanges",
      summary = "How probes came to show something else",
      description = "Changes of cells over time, newest first. A bounded number is kept.")
  @Parameter(name = "from", in = QUERY, description = NO_CLIENT)
  @Parameter(name = "to", in = QUERY, description = NO_SERVER)
  @Parameter(
      name = "since",
      in = QUERY,
      description = "Only changes at or after this instant",
      schema = @Schema(implementation = Instant.class))
  @Parameter(
      name = "until",
      in = QUERY,
      description = "Only changes at or before this instant",
      schema = @Schema(implementation = Instant.class))
  public Page<CellChange> history(UriInfo uri) {
    Query query = Query.of(uri);
    Predicate<Cell.Key> pair = pair(query);
    Instant since = query.instant("since");
    Instant until = query.instant("until");
    Paging paging = query.paging();
    query.end();
    return Page.of(
        paging
            .cut(
                log
                    .history(
                        since == null ? Instant.MIN : since, until == null ? Instant.MAX : until)
                    .stream()
                    .filter(change -> pair.test(change.key())),
                change -> NewestFirst.key(change.at(), ConnectivityView.key(change.key())))
            .map(CellChange::of));
  }

  @POST
  @Path("/probes")
  @Needs(Verb.PROBE)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  @Operation(
      operationId = "startProbes",
      summary = "Probe now",
      description =
          "All pairs, or those that are named, as many as a scheduled round may have. Two such"
              + " rounds may be under way at once. Ask for the results at Location.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = ProbeBody.class)))
  @APIResponse(
      responseCode = "202",
      description = "The probes have begun",
      content = @Content(schema = @Schema(implementation = ConnectivityView.Run.class)))
  public RestResponse<ConnectivityView.Run> start(
      @Nullable InputStream body, @Context HttpHeaders headers, UriInfo uri) {
    Query.none(uri);
    List<ProbeDesk.Pair> pairs =
        pairs(Bodies.optional(body, headers.getHeaderString(HttpHeaders.CONTENT_TYPE)));
    try {
      ProbeRun run = desk.start(pairs);
      return RestResponse.ResponseBuilder.create(
              RestResponse.Status.ACCEPTED, ConnectivityView.Run.of(run))
          .location(URI.create("/api/v1/connectivity/probes/" + run.id()))
          .build();
    } catch (ProbeDesk.UnknownPairException e) {
      throw ApiException.of(
          ErrorCode.INVALID,
          e.unknown().stream()
              .map(
                  pair ->
                      FieldError.at(
                          "/pairs/" + pair.index() + "/" + pair.field(),
                          "UNKNOWN_REFERENCE",
                          pair.detail()))
              .toList());
    } catch (ProbeDesk.TooManyException e) {
      throw ApiException.of(
          ErrorCode.INVALID,
          List.of(FieldError.at("/pairs", "TOO_MANY", String.valueOf(e.getMessage()))));
    } catch (ProbeDesk.BusyException e) {
      throw ApiException.busy(String.valueOf(e.getMessage()), RETRY_AFTER_SECONDS);
    }
  }

  private static List<ProbeDesk.Pair> pairs(JsonNode body) {
    List<FieldError> errors = new ArrayList<>();
    Fields fields = Fields.of(body, errors);
    List<ProbeDesk.Pair> pairs =
        fields.objects("pairs").stream()
            .map(
                pair -> {
                  var read = new ProbeDesk.Pair(pair.required("from"), pair.required("to"));
                  pair.end();
                  return read;
                })
            .toList();
    fields.end();
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID, errors);
    }
    return pairs;
  }

  @GET
  @Path("/probes/{id}")
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "getProbes",
      summary = "A round of probes",
      description = "Its results so far. The latest rounds are remembered.")
  public ConnectivityView.Run run(@PathParam("id") String id, UriInfo uri) {
    Query.none(uri);
    return desk.run(id)
        .map(ConnectivityView.Run::of)
        .orElseThrow(() -> ApiException.notFound("probe run " + id));
  }
}
