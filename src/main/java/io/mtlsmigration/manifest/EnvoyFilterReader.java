// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.EnvoyFilter.Cluster;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the clusters that an EnvoyFilter adds. Its patches are Envoy's configuration, of any
 * version, so that only parts of the expected form are read; the rest is no error.
 */
final class EnvoyFilterReader {

  private EnvoyFilterReader() {}

  static EnvoyFilter read(ObjectRef ref, ManifestFields spec) {
    List<Cluster> clusters = new ArrayList<>();
    for (ManifestFields patch : spec.objects("configPatches")) {
      ManifestFields change = patch.object("patch");
      if (patch.text("applyTo", "").equals("CLUSTER")
          && change.text("operation", "").equals("ADD")) {
        add(clusters, change.tree().path("value"));
      }
    }
    return new EnvoyFilter(ref, clusters);
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
