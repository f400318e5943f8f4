package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads ServiceEntries. */
final class ServiceEntryReader {

  private ServiceEntryReader() {}

  static ServiceEntry read(ObjectRef ref, Fields spec) {
    List<Port> ports = new ArrayList<>();
    for (Fields port : spec.objects("ports")) {
      ports.add(
          new Port(
              port.text("name", ""),
              port.port("number"),
              port.has("targetPort") ? port.port("targetPort") : 0));
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (Fields endpoint : spec.objects("endpoints")) {
      endpoints.add(endpoint(endpoint));
    }
    return new ServiceEntry(
        ref,
        spec.texts("hosts"),
        !spec.text("location", "MESH_EXTERNAL").equals("MESH_INTERNAL"),
        spec.object("workloadSelector").strings("labels"),
        ports,
        endpoints);
  }

  private static Endpoint endpoint(Fields endpoint) {
    Map<String, Integer> ports = new HashMap<>();
    Fields given = endpoint.object("ports");
    given.tree().fieldNames().forEachRemaining(name -> ports.put(name, given.port(name)));
    String mode = endpoint.strings("labels").get(Pod.TLS_MODE_LABEL);
    boolean announces =
        mode == null ? !endpoint.text("serviceAccount", "").isEmpty() : mode.equals("istio");
    return new Endpoint(endpoint.text("address", ""), ports, announces);
  }
}
