// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Reads Services and their EndpointSlices. */
final class ServiceReader {

  private static final String EXPORT_TO = "networking.istio.io/exportTo";
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private ServiceReader() {}

  static Service service(ObjectRef ref, ManifestFields object, Instant createdAt) {
    ManifestFields metadata = object.object("metadata");
    ManifestFields spec = object.object("spec");
    Map<String, String> annotations = new TreeMap<>(metadata.strings("annotations"));
    annotations.remove(LAST_APPLIED); // as large as the Service, and never read
    return new Service(
        ref,
        metadata.strings("labels"),
        annotations,
        spec.strings("selector"),
        type(spec),
        spec.text("clusterIP", "").equals("None"),
        spec.objects("ports").stream().map(ServiceReader::port).toList(),
        exportTo(annotations.getOrDefault(EXPORT_TO, "")),
        clusterIps(spec),
        spec.texts("externalIPs"),
        MetaReader.createdAt(metadata, createdAt));
  }

  /** Returns the cluster IPs; servers before 1.20 have one field only. */
  private static List<String> clusterIps(ManifestFields spec) {
    List<String> all = spec.texts("clusterIPs");
    String only = spec.text("clusterIP", "");
    List<String> given = all.isEmpty() && !only.isEmpty() ? List.of(only) : all;
    return given.contains("None") ? List.of() : given;
  }

  private static Service.Type type(ManifestFields spec) {
    String type = spec.text("type", "ClusterIP");
    return switch (type) {
      case "ClusterIP" -> Service.Type.CLUSTER_IP;
      case "NodePort" -> Service.Type.NODE_PORT;
      case "LoadBalancer" -> Service.Type.LOAD_BALANCER;
      case "ExternalName" -> Service.Type.EXTERNAL_NAME;
      default -> {
        spec.fault(
            "type", "'" + type + "' is none of [ClusterIP, NodePort, LoadBalancer, ExternalName]");
        yield Service.Type.CLUSTER_IP;
      }
    };
  }

  private static ServicePort port(ManifestFields port) {
    if (!port.has("port")) {
      port.fault("port", "is required");
    }
    int number = port.port("port");
    return new ServicePort(
        port.text("name", ""),
        number,
        port.text("protocol", "TCP"),
        port.text("appProtocol", ""),
        target(port, String.valueOf(number)),
        port.integer("nodePort", 0, 0, 65_535));
  }

  /** Returns the target port; the API server defaults 0 and "" to the port. */
  private static String target(ManifestFields port, String number) {
    boolean unset =
        port.tree().path("targetPort").asText("").isEmpty()
            || port.tree().path("targetPort").asText("").equals("0");
    return unset ? number : port.portOrName("targetPort", number);
  }

  private static Set<String> exportTo(String annotation) {
    return Arrays.stream(annotation.split(","))
        .map(String::strip)
        .filter(s -> !s.isEmpty())
        .collect(Collectors.toSet());
  }

  static EndpointSlice endpointSlice(ObjectRef ref, ManifestFields object) {
    List<EndpointSlice.Endpoint> endpoints = new ArrayList<>();
    for (ManifestFields endpoint : object.objects("endpoints")) {
      endpoints.add(endpoint(endpoint));
    }
    List<EndpointSlice.Port> ports = new ArrayList<>();
    for (ManifestFields port : object.objects("ports")) {
      if (port.has("port")) { // no port means every port: nothing that could be predicted
        ports.add(
            new EndpointSlice.Port(
                port.text("name", ""), port.port("port"), port.text("protocol", "TCP")));
      }
    }
    String service = object.object("metadata").strings("labels").getOrDefault(SERVICE_NAME, "");
    return new EndpointSlice(ref, service, endpoints, ports);
  }

  private static EndpointSlice.Endpoint endpoint(ManifestFields endpoint) {
    ManifestFields target = endpoint.object("targetRef");
    ManifestFields conditions = endpoint.object("conditions");
    return new EndpointSlice.Endpoint(
        endpoint.texts("addresses").stream().map(Cidr::canonical).toList(),
        target.text("kind", "").equals(Kinds.POD) ? target.text("name", "") : "",
        !conditions.has("ready") || conditions.flag("ready"));
  }
}
