package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.ControllerClass;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Route;

/** Tells routes that Istio serves from those of others, whose proxies are not of the mesh. */
final class ForeignGateways {

  private static final String ISTIO = "istio";

  private ForeignGateways() {}

  /** Who serves the route, in words, if it is not Istio; empty when it is, or nobody. */
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

  /** By the class's controller; by its name where the class itself is not there. */
  private static boolean ofIstio(Inspection namespace, String kind, String name) {
    for (ControllerClass known : namespace.mesh().others(ControllerClass.class)) {
      if (known.ref().kind().equals(kind) && known.ref().name().equals(name)) {
        return known.ofIstio();
      }
    }
    return name.equals(ISTIO) || name.startsWith(ISTIO + "-");
  }
}
