package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.mtlsmigration.traffic.Edge;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Traffic", description = "Who called whom within a window, as the servers saw it")
public record TrafficView(
    @Schema(description = "Length of the window") Duration window,
    @Schema(description = "End of the window") Instant asOf,
    @Schema(description = "Edges, by server, client, port and security") List<EdgeView> items,
    @Schema(
            description =
                "Give it as the parameter of this name for the next part; null at the end")
        @JsonProperty("continue")
        @Nullable String next,
    @Schema(description = "Namespaces about which the evidence says nothing; at most a hundred")
        List<Gap> gaps,
    @Schema(description = "Number of such namespaces") int gapCount) {

  @Schema(name = "TrafficEdge", description = "One client calling one port")
  public record EdgeView(
      @Schema(description = "namespace/workload, an address, or unknown") String from,
      @Schema(description = "namespace/workload") String to,
      @Schema(description = "Container port; null when the source does not tell")
          @Nullable Integer port,
      @Schema(description = "http, grpc or tcp") String protocol,
      @Schema(description = "How the connection was secured") Edge.Security security,
      @Schema(description = "Requests (connections for tcp), own probes left out") long count,
      @Schema(description = "Probes that this service made itself") long ownProbes,
      @Schema(description = "First call within the window") Instant firstSeen,
      @Schema(description = "Last call within the window") Instant lastSeen,
      @Schema(description = "Which evidence says so") String source) {

    public static EdgeView of(Edge edge) {
      return new EdgeView(
          edge.client().id(),
          edge.server().id(),
          edge.port() == 0 ? null : edge.port(),
          edge.protocol(),
          edge.security(),
          edge.count(),
          edge.ownProbes(),
          edge.firstSeen(),
          edge.lastSeen(),
          edge.source());
    }

    public static String key(Edge edge) {
      return String.join(
          "\n",
          edge.server().id(),
          edge.server().kind(),
          edge.client().id(),
          "%05d".formatted(edge.port()),
          edge.security().name(),
          edge.protocol(),
          edge.source());
    }
  }

  @Schema(name = "TrafficGap", description = "A namespace about which the evidence says nothing")
  public record Gap(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "NO_SAMPLES or UNAVAILABLE") EvidenceState state,
      @Schema(description = "Stable reason; null for NO_SAMPLES") @Nullable String reason,
      @Schema(description = "The reason in words") String detail) {}
}
