// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CellSort;
import io.mtlsmigration.api.view.CommandBody.ProbeBody;
import io.mtlsmigration.api.view.ConnectivityView;
import io.mtlsmigration.api.view.ConnectivityView.CellChange;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.MatrixText;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.probe.ProbeRun;
import io.mtlsmigration.text.TerminalText;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Results of probes. */
@Path("/api/v1/connectivity")
@Tag(name = "Evidence")
public final class ConnectivityResource {

  private static final int RETRY_AFTER_SECONDS = 10;

  private final ConnectivityLog log;
  private final ProbeRequests requests;

  /** Filters by client and server. */
  public record PairFilter(
      @QueryParam("from")
          @Parameter(description = "Only probes from here: a namespace or namespace/workload")
          @Nullable String from,
      @QueryParam("to")
          @Parameter(
              description =
                  "Only probes to there: a namespace, namespace/service or namespace/service:port")
          @Nullable String to) {

    boolean takes(Cell.Key key) {
      return (from == null || within(key.from(), from)) && (to == null || within(key.to(), to));
    }

    /** Returns whether {@code id} equals the wanted one or has it before a slash or colon. */
    static boolean within(String id, String wanted) {
      return id.startsWith(wanted)
          && (id.length() == wanted.length()
              || id.charAt(wanted.length()) == '/'
              || id.charAt(wanted.length()) == ':');
    }
  }

  /** Filters by outcome. */
  public record OutcomeFilter(
      @QueryParam("outcome") @Parameter(description = "Only probes with this outcome")
          @Nullable ProbeOutcome outcome,
      @QueryParam("unexpected")
          @Parameter(description = "Only probes whose outcome is not what the policies predict")
          @DefaultValue("false")
          boolean unexpected) {

    boolean takes(Cell cell) {
      return (outcome == null || cell.outcome() == outcome)
          && (!unexpected || (cell.expected() != null && cell.expected() != cell.outcome()));
    }
  }

  ConnectivityResource(ConnectivityLog log, ProbeRequests requests) {
    this.log = log;
    this.requests = requests;
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
  public ConnectivityView matrix(
      @BeanParam PairFilter pair,
      @BeanParam OutcomeFilter outcome,
      @QueryParam("sort") @Nullable Sorting<CellSort> sorting,
      @BeanParam PageQuery page) {
    ConnectivityMatrix matrix = log.matrix();
    Stream<Cell> cells =
        matrix.cells().stream().filter(cell -> pair.takes(cell.key()) && outcome.takes(cell));
    return ConnectivityView.of(
        matrix,
        page.paging()
            .cut(
                cells,
                cell -> ConnectivityView.key(cell.key()),
                sorting,
                ConnectivityResource::value));
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
  public String lines(@BeanParam PairFilter pair, @BeanParam OutcomeFilter outcome) {
    return TerminalText.of(
        MatrixText.lines(
            log.matrix().cells().stream()
                .filter(cell -> pair.takes(cell.key()) && outcome.takes(cell))
                .toList()));
  }

  @GET
  @Path("/history")
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listConnectivityChanges",
      summary = "How probes came to show something else",
      description = "Changes of cells over time, newest first. A bounded number is kept.")
  public Page<CellChange> history(
      @BeanParam PairFilter pair,
      @QueryParam("since") @Parameter(description = "Only changes at or after this instant")
          @Nullable Instant since,
      @QueryParam("until") @Parameter(description = "Only changes at or before this instant")
          @Nullable Instant until,
      @BeanParam PageQuery page) {
    return Page.of(
        page.paging()
            .cut(
                log
                    .history(
                        since == null ? Instant.MIN : since, until == null ? Instant.MAX : until)
                    .stream()
                    .filter(change -> pair.takes(change.key())),
                change -> NewestFirst.key(change.at(), ConnectivityView.key(change.key())))
            .map(CellChange::of));
  }

  @POST
  @Path("/probes")
  @Needs(Verb.PROBE)
  @Consumes(MediaType.WILDCARD) // a client may send any Content-Type with an empty body
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  @Operation(
      operationId = "startProbes",
      summary = "Probe now",
      description =
          "All pairs, or those that are named, as many as a scheduled round may have. Two such"
              + " rounds may be under way at once. Ask for the results at Location.")
  @APIResponse(
      responseCode = "202",
      description = "The probes have begun",
      content = @Content(schema = @Schema(implementation = ConnectivityView.Run.class)))
  public RestResponse<ConnectivityView.Run> start(ProbeBody body) {
    try {
      ProbeRun run = requests.start(body.named());
      return RestResponse.ResponseBuilder.create(
              RestResponse.Status.ACCEPTED, ConnectivityView.Run.of(run))
          .location(URI.create("/api/v1/connectivity/probes/" + run.id()))
          .build();
    } catch (ProbeRequests.UnknownPairException e) {
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
    } catch (ProbeRequests.TooManyException e) {
      throw ApiException.of(
          ErrorCode.INVALID,
          List.of(FieldError.at("/pairs", "TOO_MANY", String.valueOf(e.getMessage()))));
    } catch (ProbeRequests.BusyException e) {
      throw ApiException.busy(String.valueOf(e.getMessage()), RETRY_AFTER_SECONDS);
    }
  }

  @GET
  @Path("/probes/{id}")
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "getProbes",
      summary = "A round of probes",
      description = "Its results so far. The latest rounds are remembered.")
  public ConnectivityView.Run run(@PathParam("id") String id) {
    return requests
        .run(id)
        .map(ConnectivityView.Run::of)
        .orElseThrow(() -> ApiException.notFound("probe run " + id));
  }
}
