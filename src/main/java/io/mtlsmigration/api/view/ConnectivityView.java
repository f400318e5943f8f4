// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog.Change;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeCoverage;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeRun;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Connectivity", description = "The latest matrix of probes")
public record ConnectivityView(
    @Schema(description = "When the latest round ended; null before the first")
        @Nullable Instant asOf,
    @Schema(description = "What the rounds cover") CoverageView coverage,
    @Schema(description = "Results by client, server and endpoint") List<CellView> cells,
    @Schema(
            description =
                "Give it as the parameter of this name for the next part; null at the end")
        @JsonProperty("continue")
        @Nullable String next,
    @Schema(description = Page.REMAINING) int remaining) {

  private static final String ENDPOINT =
      "ip:targetPort; * when only the client's proxy knows which of several it was";

  public static ConnectivityView of(ConnectivityMatrix matrix, Paging.Part<Cell> cells) {
    return new ConnectivityView(
        matrix.asOf().equals(Instant.EPOCH) ? null : matrix.asOf(),
        CoverageView.of(matrix.coverage()),
        cells.items().stream().map(CellView::of).toList(),
        cells.next(),
        cells.remaining());
  }

  /** Returns the sort key of a cell. */
  public static String key(Cell.Key key) {
    String names = String.join("\n", key.from(), key.to(), key.endpoint());
    return names + (key.meshClient() ? "\n" : "\n\n") + key.clientKind();
  }

  @Schema(
      name = "ProbeCoverage",
      description = "How much of the product of all clients and endpoints a round covers")
  public record CoverageView(
      @Schema(
              description =
                  "True when chosen clients stand for the others: for each Service port one with a"
                      + " proxy from its own namespace, one from elsewhere, one without a proxy, and"
                      + " those that were seen calling")
          boolean representative,
      @Schema(description = "Probes in a round") int probes,
      @Schema(description = "Probes that the whole product would take") long whole) {

    static CoverageView of(ProbeCoverage coverage) {
      return new CoverageView(coverage.representative(), coverage.probes(), coverage.whole());
    }
  }

  @Schema(name = "Cell", description = "The latest probe from a client to one endpoint")
  public record CellView(
      @Schema(description = "namespace/workload") String from,
      @Schema(description = "namespace/service:port") String to,
      @Schema(description = ENDPOINT) String endpoint,
      @Schema(description = "What the probe showed") ProbeOutcome outcome,
      @Schema(description = "HTTP status; 0 when there was no response") int httpCode,
      @Schema(description = "Exit code of curl; 0 when there was a response") int exitCode,
      @Schema(description = "What the policies predict; null when they cannot say")
          @Nullable ProbeOutcome expected,
      @Schema(description = "Milliseconds to the answer or the refusal") long latencyMs,
      @Schema(description = "When it was probed") Instant checkedAt,
      @Schema(
              description =
                  "Why it was skipped, how many of several calls failed, the beginning of an"
                      + " error's body; may be empty")
          String detail) {

    public static CellView of(Cell cell) {
      return new CellView(
          cell.from(),
          cell.to(),
          cell.endpoint(),
          cell.outcome(),
          cell.httpCode(),
          cell.exitCode(),
          cell.expected(),
          cell.latencyMs(),
          cell.checkedAt(),
          cell.told());
    }
  }

  @Schema(name = "CellChange", description = "A cell whose outcome became another")
  public record CellChange(
      @Schema(description = "When it was seen") Instant at,
      @Schema(description = "namespace/workload") String from,
      @Schema(description = "namespace/service:port") String to,
      @Schema(description = ENDPOINT) String endpoint,
      @Schema(description = "Outcome before; null when the cell is new")
          @Nullable ProbeOutcome before,
      @Schema(description = "Outcome from then on") ProbeOutcome after,
      @Schema(description = "HTTP status; 0 when there was no response") int httpCode,
      @Schema(description = "Exit code of curl; 0 when there was a response") int exitCode) {

    public static CellChange of(Change change) {
      return new CellChange(
          change.at(),
          change.key().from(),
          change.key().to(),
          change.key().endpoint(),
          change.before(),
          change.cell().outcome(),
          change.cell().httpCode(),
          change.cell().exitCode());
    }
  }

  @Schema(name = "ProbeRun", description = "A round of probes that somebody asked for")
  public record Run(
      @Schema(description = "Names the run") String id,
      @Schema(description = "RUNNING or DONE") State state,
      @Schema(description = "When it began") Instant startedAt,
      @Schema(description = "When it ended; null while it runs") @Nullable Instant endedAt,
      @Schema(description = "Probes to make") int total,
      @Schema(description = "What they stand for") CoverageView coverage,
      @Schema(description = "Probes made") int made,
      @Schema(description = "Results so far") List<CellView> cells) {

    @Schema(name = "ProbeRunState", description = "How far a run is")
    public enum State {
      RUNNING,
      DONE
    }

    public static Run of(ProbeRun run) {
      return new Run(
          run.id(),
          run.done() ? State.DONE : State.RUNNING,
          run.startedAt(),
          run.endedAt(),
          run.total(),
          CoverageView.of(run.coverage()),
          run.cells().size(),
          run.cells().stream().map(CellView::of).toList());
    }
  }
}
