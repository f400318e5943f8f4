// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Route;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.util.ArrayList;
import java.util.List;

/**
 * A way from outside the mesh to a port of a Service, used by clients without Istio mutual TLS.
 *
 * @param via the object that opens the way
 * @param how in words: {@code LoadBalancer}
 */
record Exposure(ObjectRef via, String how, Service service, ServicePort port) {

  private static final String TCP = "TCP";

  /** Returns every such way into a namespace. */
  static List<Exposure> of(Inspection namespace) {
    List<Exposure> all = new ArrayList<>();
    for (Service service : namespace.facts().services()) {
      String how =
          switch (service.type()) {
            case NODE_PORT -> "NodePort";
            case LOAD_BALANCER -> "LoadBalancer";
            case CLUSTER_IP, EXTERNAL_NAME -> "";
          };
      add(service, how, all);
      if (how.isEmpty() && !service.externalIps().isEmpty()) {
        add(service, "externalIPs", all);
      }
    }
    for (Route route : namespace.mesh().others(Route.class)) {
      List<Route.Target> targets = new ArrayList<>(0);
      for (Route.Target target : route.targets()) {
        if (target.namespace().equals(namespace.name())) {
          targets.add(target);
        }
      }
      String gateway = targets.isEmpty() ? "" : ForeignGateways.of(namespace, route);
      if (!gateway.isEmpty()) {
        targets.forEach(target -> addTarget(namespace, route, gateway, target, all));
      }
    }
    return all;
  }

  private static void add(Service service, String how, List<Exposure> all) {
    if (!how.isEmpty()) {
      service.ports().forEach(port -> all.add(new Exposure(service.ref(), how, service, port)));
    }
  }

  private static void addTarget(
      Inspection namespace, Route route, String how, Route.Target target, List<Exposure> all) {
    for (Service service : namespace.facts().services()) {
      if (service.name().equals(target.service())) {
        for (ServicePort port : service.ports()) {
          if (target.port().equals(String.valueOf(port.port()))
              || target.port().equals(port.name())) {
            all.add(new Exposure(route.ref(), how, service, port));
          }
        }
      }
    }
  }

  /** An action for a port in front of which there is a proxy. */
  @FunctionalInterface
  interface Guarded {
    void at(Exposure way, Pod pod, int port);
  }

  /** Calls the action for the ports at its end that STRICT will close, except a gateway's. */
  void guarded(Inspection namespace, Guarded action) {
    if (!port.protocol().equals(TCP)) {
      return;
    }
    for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
      Pod pod = backend.pod();
      if (pod != null && namespace.wouldClose(pod, backend.targetPort())) {
        action.at(this, pod, backend.targetPort());
      }
    }
  }

  /** Returns {@code Service foo/web (LoadBalancer) port 443}. */
  @Override
  public String toString() {
    return via + " (" + how + ") port " + port.port();
  }
}
