// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Route;
import io.mtlsmigration.mesh.Route.Target;
import java.util.ArrayList;
import java.util.List;

/** Reads the backends of Ingresses and of the routes of the Gateway API. */
final class RouteReader {

  private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private RouteReader() {}

  static Route ingress(ObjectRef ref, ManifestFields object) {
    ManifestFields spec = object.object("spec");
    List<Target> targets = new ArrayList<>();
    addBackend(targets, ref.namespace(), spec.object("defaultBackend"));
    for (ManifestFields rule : spec.objects("rules")) {
      for (ManifestFields path : rule.object("http").objects("paths")) {
        addBackend(targets, ref.namespace(), path.object("backend"));
      }
    }
    String annotated =
        object.object("metadata").strings("annotations").getOrDefault(CLASS_ANNOTATION, "");
    return new Route(ref, spec.text("ingressClassName", annotated), List.of(), targets);
  }

  private static void addBackend(List<Target> targets, String namespace, ManifestFields backend) {
    if (backend.has("service")) { // else it is a resource, which is no Service
      ManifestFields service = backend.object("service");
      ManifestFields port = service.object("port");
      String number = port.has("number") ? String.valueOf(port.port("number")) : "";
      targets.add(
          new Target(
              namespace,
              service.required("name"),
              number.isEmpty() ? port.text("name", "") : number));
    }
  }

  static Route gatewayRoute(ObjectRef ref, ManifestFields spec) {
    List<ObjectRef> gateways = new ArrayList<>();
    for (ManifestFields parent : spec.objects("parentRefs")) {
      if (parent.text("group", GATEWAY_API).equals(GATEWAY_API)
          && parent.text("kind", "Gateway").equals("Gateway")) {
        gateways.add(
            new ObjectRef(
                "Gateway", parent.text("namespace", ref.namespace()), parent.required("name")));
      }
    }
    List<Target> targets = new ArrayList<>();
    for (ManifestFields rule : spec.objects("rules")) {
      for (ManifestFields backend : rule.objects("backendRefs")) {
        if (backend.text("group", "").isEmpty()
            && backend.text("kind", "Service").equals("Service")) {
          targets.add(
              new Target(
                  backend.text("namespace", ref.namespace()),
                  backend.required("name"),
                  String.valueOf(backend.port("port"))));
        }
      }
    }
    return new Route(ref, "", gateways, targets);
  }
}
