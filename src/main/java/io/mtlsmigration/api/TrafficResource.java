// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.api.ConnectivityResource.PairFilter.within;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.api.view.TrafficSort;
import io.mtlsmigration.api.view.TrafficView;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import io.mtlsmigration.worklist.Owners;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Traffic between workloads. */
@Path("/api/v1/traffic")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Evidence")
public final class TrafficResource {

  private static final int MAX_GAPS = 100;

  private final Observations observations;
  private final OwnerLabels ownerLabels;

  /** Filters by client, server, port and security. */
  public record Filter(
      @QueryParam("namespace") @Parameter(description = "Only servers of this namespace")
          @Nullable String namespace,
      @QueryParam("security")
          @Parameter(description = "Only calls that were secured so; case does not matter")
          Edge.@Nullable Security security,
      @QueryParam("client")
          @Parameter(
              description =
                  "Only calls from here: a namespace, namespace/workload, an address, or unknown")
          @Nullable String client,
      @QueryParam("server")
          @Parameter(description = "Only calls to there: a namespace or namespace/workload")
          @Nullable String server,
      @QueryParam("port")
          @Parameter(
              description =
                  "Only calls to this container port, and those whose port the source does not"
                      + " tell: any of them may have been to this one")
          @Nullable Integer port,
      @QueryParam("ownProbes")
          @Parameter(
              description =
                  "Whether edges are listed on which nobody was seen but probes of this service;"
                      + " when left out, they are, unless security is PLAINTEXT")
          @Nullable Boolean ownProbes) {

    boolean takes(Edge edge) {
      return (security == null || edge.security() == security)
          && (client == null || within(edge.client().id(), client))
          && takes(edge.server())
          && (port == null || edge.port() == 0 || edge.port() == port)
          && (withOwnProbes() || edge.count() > 0 || edge.open() > 0);
    }

    boolean takes(WorkloadRef workload) {
      return server == null || within(workload.id(), server);
    }

    private boolean withOwnProbes() {
      return ownProbes == null ? security != Edge.Security.PLAINTEXT : ownProbes;
    }

    /** Returns the namespaces of servers that are wanted; 404 for one that does not exist. */
    private Set<String> namespaces(Observation observation) {
      Set<String> wanted = new TreeSet<>();
      if (namespace != null) {
        wanted.add(Namespaces.required(observation, namespace).name());
      }
      if (server != null) {
        wanted.add(Namespaces.required(observation, server.split("/", 2)[0]).name());
      }
      return switch (wanted.size()) {
        case 0 -> observation.modes().snapshot().namespaces().keySet();
        case 1 -> wanted;
        default -> Set.of(); // no server is in both
      };
    }
  }

  private final AskedWindows windows = new AskedWindows();

  TrafficResource(Observations observations, OwnerLabels ownerLabels) {
    this.observations = observations;
    this.ownerLabels = ownerLabels;
  }

  @GET
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listTraffic",
      summary = "Who called whom, and how",
      description =
          "Edges from client to server as the servers saw them. Namespaces about which the evidence"
              + " says nothing are named: they are not free of plaintext.")
  public TrafficView traffic(
      @BeanParam Filter filter,
      @QueryParam("window")
          @Parameter(
              description =
                  "Length of the window, such as PT1H or 15m, 90 days at most; a day when left out",
              schema = @Schema(implementation = String.class, examples = "15m"))
          @Nullable Duration window,
      @QueryParam("sort") @Nullable Sorting<TrafficSort> sorting,
      @BeanParam PageQuery page) {
    Observation observation = observations.latest();
    Duration asked = window == null ? Namespaces.SHOWN : window;
    if (window != null) {
      windows.admit(window, observation.now());
    }
    TrafficReading reading = observation.traffic(asked);
    List<Edge> edges = new ArrayList<>();
    List<TrafficView.Gap> gaps = new ArrayList<>();
    for (String name : filter.namespaces(observation)) {
      switch (reading.of(name)) {
        case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) -> {
          traffic.edges().stream().filter(filter::takes).forEach(edges::add);
          Instant from = window == null ? asOf : asOf.minus(window);
          unwatched(name, traffic, filter, from).ifPresent(gaps::add);
        }
        case Evidence.NoSamples<NamespaceTraffic> none ->
            gaps.add(new TrafficView.Gap(name, EvidenceState.NO_SAMPLES, null, none.detail()));
        case Evidence.Unavailable<NamespaceTraffic> not ->
            gaps.add(
                new TrafficView.Gap(
                    name, EvidenceState.UNAVAILABLE, not.reason().name(), not.detail()));
      }
    }
    Owners owners = ownerLabels.owners(observation.modes().snapshot());
    Paging.Part<TrafficView.EdgeView> part =
        page.paging()
            .cut(edges.stream(), TrafficView.EdgeView::key, sorting, TrafficResource::value)
            .map(edge -> TrafficView.EdgeView.of(edge, owners.of(edge.client().workload())));
    return new TrafficView(
        reading.window(),
        reading.asOf(),
        part.items(),
        part.next(),
        part.remaining(),
        gaps.stream().limit(MAX_GAPS).toList(),
        gaps.size());
  }

  /** Returns the first server that was not completely watched since then. */
  private static Optional<TrafficView.Gap> unwatched(
      String namespace, NamespaceTraffic traffic, Filter filter, Instant from) {
    return new TreeMap<>(traffic.watched())
        .entrySet().stream()
            .filter(server -> filter.takes(server.getKey()))
            .filter(server -> !server.getValue().covers(from))
            .findFirst()
            .map(
                server ->
                    new TrafficView.Gap(
                        namespace,
                        EvidenceState.UNAVAILABLE,
                        reason(server.getValue()),
                        server.getKey().id() + ": " + words(server.getValue())));
  }

  private static String reason(Watch watch) {
    Evidence.Reason reason = watch.reason();
    return (reason == null ? Evidence.Reason.WINDOW_NOT_COVERED : reason).name();
  }

  private static String words(Watch watch) {
    return watch.since() == null
        ? watch.detail()
        : "is watched since " + watch.since() + " only. " + watch.detail();
  }

  private static String value(Edge edge, TrafficSort field) {
    return switch (field) {
      case FROM -> edge.client().id();
      case TO -> edge.server().id();
      case SECURITY -> edge.security() == Edge.Security.PLAINTEXT ? "0" : "1";
      case COUNT -> Sorting.number(edge.count());
      case FIRST_SEEN -> Sorting.instant(edge.firstSeen());
      case LAST_SEEN -> Sorting.instant(edge.lastSeen());
    };
  }
}
