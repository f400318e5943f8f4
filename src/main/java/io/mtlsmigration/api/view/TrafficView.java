// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Origin;
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
    @Schema(description = Page.REMAINING) int remaining,
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
      @Schema(description = "Which evidence says so: sandbox, prometheus, access-log or ztunnel")
          String source,
      @Schema(description = "Who the client is, and how that is known") ClientView client) {

    /**
     * Returns the view of an edge.
     *
     * @param owner of the client; null when no label names one
     */
    public static EdgeView of(Edge edge, @Nullable String owner) {
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
          edge.source(),
          ClientView.of(edge.client(), owner));
    }

    public static String key(Edge edge) {
      return String.join(
          "\n",
          edge.server().id(),
          edge.server().kind(),
          edge.client().id(),
          edge.client().address(),
          "%05d".formatted(edge.port()),
          edge.security().name(),
          edge.protocol(),
          edge.source());
    }
  }

  @Schema(name = "TrafficClient", description = "Who a client is, as far as that is known")
  public record ClientView(
      @Schema(
              description =
                  "WORKLOAD: a pod of it. NODE: a node itself, its kubelet, a pod on its network, or"
                      + " somebody whose calls it sends on (node ports, load balancers). SERVICE: a"
                      + " Service's cluster IP. GONE: an address of pods that none has any more."
                      + " OUTSIDE: nothing in the cluster has the address. UNKNOWN: no address is"
                      + " known, or nobody may say whose it is")
          Origin.ClientKind kind,
      @Schema(description = "Kind of the workload, such as Deployment; null when none is known")
          @Nullable String workloadKind,
      @Schema(description = "Address of the connection; null when the source does not tell")
          @Nullable String address,
      @Schema(description = "The node that it is, or that its pod runs on; null when not known")
          @Nullable String node,
      @Schema(description = "namespace/service that has the address; null for all others")
          @Nullable String service,
      @Schema(
              description =
                  "Who looks after it, by the first of mtls-migration.owner-labels that its pods or"
                      + " its namespace have; null when there is none")
          @Nullable String owner,
      @Schema(
              description =
                  "PROXY: the server's proxy counts it by name, from its certificate or from what"
                      + " sidecars tell each other. ADDRESS: by the address of its connection."
                      + " NOTHING: it is not known")
          KnownBy knownBy) {

    static ClientView of(Caller client, @Nullable String owner) {
      Origin origin = client.origin();
      KnownBy known = client.address().isEmpty() ? KnownBy.PROXY : KnownBy.ADDRESS;
      return new ClientView(
          origin.kind(),
          client.workload() == null ? null : client.workload().kind(),
          given(client.address()),
          given(origin.node()),
          given(origin.service()),
          owner,
          client.nameless() ? KnownBy.NOTHING : known);
    }

    private static @Nullable String given(String text) {
      return text.isEmpty() ? null : text;
    }
  }

  /** The source of a client's name. */
  public enum KnownBy {
    PROXY,
    ADDRESS,
    NOTHING
  }

  @Schema(name = "TrafficGap", description = "A namespace about which the evidence says nothing")
  public record Gap(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "NO_SAMPLES or UNAVAILABLE") EvidenceState state,
      @Schema(description = "Stable reason; null for NO_SAMPLES") @Nullable String reason,
      @Schema(description = "The reason in words") String detail) {}
}
