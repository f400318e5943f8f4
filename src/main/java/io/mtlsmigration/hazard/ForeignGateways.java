// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.ControllerClass;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Route;

/** Distinguishes routes that Istio serves from those of others, with proxies outside the mesh. */
final class ForeignGateways {

  private static final String ISTIO = "istio";

  private ForeignGateways() {}

  /** Returns the server of the route, in words; empty when it is Istio, or there is none. */
  static String of(Inspection namespace, Route route) {
    if (route.ref().kind().equals("Ingress")) {
      if (ofIstio(namespace, "IngressClass", route.className())) {
        return "";
      }
      return route.className().isEmpty() ? "of no class" : "of class " + route.className();
    }
    for (ObjectRef parent : route.gateways()) {
      for (ApiGateway gateway : namespace.mesh().others(ApiGateway.class)) {
        if (gateway.ref().equals(parent)
            && !ofIstio(namespace, "GatewayClass", gateway.className())) {
          return "by " + gateway.ref() + " of class " + gateway.className();
        }
      }
    }
    return "";
  }

  /** Returns whether a class is Istio's, by its controller; by its name if it does not exist. */
  private static boolean ofIstio(Inspection namespace, String kind, String name) {
    for (ControllerClass known : namespace.mesh().others(ControllerClass.class)) {
      if (known.ref().kind().equals(kind) && known.ref().name().equals(name)) {
        return known.ofIstio();
      }
    }
    return name.equals(ISTIO) || name.startsWith(ISTIO + "-");
  }
}
