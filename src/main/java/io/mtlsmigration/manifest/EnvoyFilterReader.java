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

  /** Where istio.stats is, or its counters are configured. */
  private static final Set<String> COUNTING =
      Set.of("HTTP_FILTER", "NETWORK_FILTER", "LISTENER", "FILTER_CHAIN", "BOOTSTRAP");

  private static final Set<String> SERVERS = Set.of("", "ANY", "SIDECAR_INBOUND");

  /** Istio's own of before Telemetry insert istio.stats, and hide nothing. */
  private static final Set<String> CHANGES = Set.of("REMOVE", "REPLACE", "MERGE");

  private static final List<String> COUNTERS =
      List.of("istio.stats", "stats_matcher", "statsMatcher");

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
        hides && !spec.has("targetRefs"), // which are gateways and waypoints
        clusters);
  }

  private static boolean hides(ManifestFields patch) {
    ManifestFields match = patch.object("match");
    ManifestFields change = patch.object("patch");
    return COUNTING.contains(patch.text("applyTo", ""))
        && SERVERS.contains(match.text("context", ""))
        && CHANGES.contains(change.text("operation", ""))
        && counts(match.tree() + " " + change.tree().path("value"));
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
