// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.EnvoyFilter.Cluster;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the clusters that an EnvoyFilter adds, and whether it changes what counts the calls of
 * servers. Its patches are Envoy's configuration, of any version, so that only parts of the
 * expected form are read; the rest is no error.
 */
final class EnvoyFilterReader {

  private static final Set<String> SERVERS = Set.of("", "ANY", "SIDECAR_INBOUND");

  /** Istio's own of before Telemetry insert istio.stats, and hide nothing. */
  private static final Set<String> CHANGES = Set.of("REMOVE", "REPLACE", "MERGE");

  private static final List<String> COUNTERS =
      List.of("istio.stats", "stats_matcher", "statsMatcher");

  /** A listener's chains, which a merge adds to: an added one has no istio.stats of Istio's. */
  private static final List<String> CHAINS =
      List.of("filter_chains", "filterChains", "default_filter_chain", "defaultFilterChain");

  /** The network filter that has istio.stats among its HTTP filters. */
  private static final String HTTP = "envoy.filters.network.http_connection_manager";

  private EnvoyFilterReader() {}

  static EnvoyFilter read(ObjectRef ref, ManifestFields spec) {
    List<Cluster> clusters = new ArrayList<>();
    boolean hides = false;
    for (ManifestFields patch : spec.objects("configPatches")) {
      ManifestFields change = patch.object("patch");
      if (patch.text("applyTo", "").equals("CLUSTER")
          && change.text("operation", "").equals("ADD")) {
        add(clusters, change.tree().path("value"));
      }
      hides |= hides(patch);
    }
    return new EnvoyFilter(
        ref,
        spec.object("workloadSelector").strings("labels"),
        hides && spec.objects("targetRefs").isEmpty(), // which are gateways and waypoints
        clusters);
  }

  /**
   * Returns whether a patch may take istio.stats from a sidecar's server, or change what it counts.
   * What matches which filter: istio pilot/pkg/networking/core/envoyfilter/listener_patch.go.
   */
  private static boolean hides(ManifestFields patch) {
    ManifestFields match = patch.object("match");
    ManifestFields change = patch.object("patch");
    if (!SERVERS.contains(match.text("context", ""))) {
      return false;
    }
    String operation = change.text("operation", "");
    JsonNode value = change.tree().path("value");
    JsonNode filter = match.tree().path("listener").path("filterChain").path("filter");
    boolean changes = CHANGES.contains(operation);
    boolean named = changes && counts(match.tree() + " " + value);
    return switch (patch.text("applyTo", "")) {
      case "HTTP_FILTER" -> named || mergesAll(operation, filter.path("subFilter"));
      case "NETWORK_FILTER" ->
          named
              || mergesAll(operation, filter)
              || (changes && !operation.equals("MERGE") && name(filter).equals(HTTP));
      case "FILTER_CHAIN" -> named || operation.equals("ADD");
      case "LISTENER" ->
          named || (operation.equals("MERGE") && CHAINS.stream().anyMatch(value::has));
      case "BOOTSTRAP" -> named;
      // each may turn off a filter for its calls
      case "ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE" -> counts(value.toString());
      default -> false;
    };
  }

  /** Returns whether a value is merged into each filter, for the patch names none. */
  private static boolean mergesAll(String operation, JsonNode filter) {
    return operation.equals("MERGE") && name(filter).isEmpty();
  }

  private static String name(JsonNode filter) {
    return filter.path("name").asText("");
  }

  private static boolean counts(String configuration) {
    return COUNTERS.stream().anyMatch(configuration::contains)
        || (configuration.contains("envoy.filters.http.wasm") && configuration.contains("stats"));
  }

  private static void add(List<Cluster> clusters, JsonNode cluster) {
    String name = cluster.path("name").asText("");
    boolean tls = either(cluster, "transport_socket", "transportSocket").isObject();
    JsonNode assignment = either(cluster, "load_assignment", "loadAssignment");
    for (JsonNode group : assignment.path("endpoints")) {
      for (JsonNode member : either(group, "lb_endpoints", "lbEndpoints")) {
        JsonNode address = member.path("endpoint").path("address");
        JsonNode socket = either(address, "socket_address", "socketAddress");
        String host = socket.path("address").asText("");
        if (!host.isEmpty()) {
          clusters.add(
              new Cluster(name, host, either(socket, "port_value", "portValue").asInt(0), tls));
        }
      }
    }
  }

  /** Returns a field by either of the names that Protobuf's JSON accepts. */
  private static JsonNode either(JsonNode node, String name, String other) {
    return node.has(name) ? node.path(name) : node.path(other);
  }
}
