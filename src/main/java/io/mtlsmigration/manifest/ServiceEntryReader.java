// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import io.mtlsmigration.mesh.ServiceEntry.Resolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads ServiceEntries. */
final class ServiceEntryReader {

  private ServiceEntryReader() {}

  static ServiceEntry read(ObjectRef ref, ManifestFields spec) {
    List<Port> ports = new ArrayList<>();
    for (ManifestFields port : spec.objects("ports")) {
      ports.add(
          new Port(
              port.text("name", ""),
              port.port("number"),
              port.has("targetPort") ? port.port("targetPort") : 0));
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (ManifestFields endpoint : spec.objects("endpoints")) {
      endpoints.add(endpoint(endpoint));
    }
    return new ServiceEntry(
        ref,
        spec.texts("hosts"),
        spec.texts("addresses"),
        !spec.text("location", "MESH_EXTERNAL").equals("MESH_INTERNAL"),
        resolution(spec.text("resolution", "NONE")),
        Set.copyOf(spec.texts("exportTo")),
        spec.object("workloadSelector").strings("labels"),
        ports,
        endpoints);
  }

  private static Resolution resolution(String name) {
    return switch (name) {
      case "STATIC" -> Resolution.STATIC;
      case "DNS", "DNS_ROUND_ROBIN" -> Resolution.DNS;
      case "DYNAMIC_DNS" -> Resolution.DYNAMIC_DNS;
      default -> Resolution.NONE;
    };
  }

  private static Endpoint endpoint(ManifestFields endpoint) {
    Map<String, Integer> ports = new HashMap<>();
    ManifestFields given = endpoint.object("ports");
    given.tree().fieldNames().forEachRemaining(name -> ports.put(name, given.port(name)));
    Map<String, String> labels = endpoint.strings("labels");
    String marked = endpoint.text("serviceAccount", "").isEmpty() ? "disabled" : "istio";
    String mode = labels.getOrDefault(Pod.TLS_MODE_LABEL, marked);
    return new Endpoint(endpoint.text("address", ""), ports, labels, mode);
  }
}
