// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.ApiServerCalls.Call;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.util.List;

/** Captured pods that the API server calls: webhooks, conversions, aggregated APIs. */
final class CalledByApiServer implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.CALLED_BY_API_SERVER,
          Severity.BLOCKER,
          "The API server calls it",
          "The API server is no client of the mesh. It calls admission webhooks, conversion"
              + " webhooks and aggregated APIs with TLS of its own, which PERMISSIVE lets through"
              + " and STRICT refuses. A webhook that fails closed then refuses writes to the whole"
              + " cluster; objects that need a conversion cannot be read.",
          "Keep the port open by an exception, or leave the workload out of the mesh.",
          "The backend is not captured, or its port is kept open by a port exception or"
              + " bypasses the sidecar. For a webhook with failurePolicy Ignore the finding is a"
              + " WARNING: it is left out, and what it enforces with it.",
          List.of(39290, 52874));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    for (ApiServerCalls object : namespace.mesh().others(ApiServerCalls.class)) {
      for (Call call : object.calls()) {
        if (call.namespace().equals(namespace.name())) {
          check(namespace, object, call);
        }
      }
    }
  }

  private static void check(Inspection namespace, ApiServerCalls object, Call call) {
    for (Service service : namespace.facts().services()) {
      if (service.name().equals(call.service())) {
        for (ServicePort port : service.ports()) {
          if (port.port() == call.port()) {
            check(namespace, object, call, service, port);
          }
        }
      }
    }
  }

  private static void check(
      Inspection namespace, ApiServerCalls object, Call call, Service service, ServicePort port) {
    for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
      Pod pod = backend.pod();
      if (pod != null && namespace.wouldClose(pod, backend.targetPort())) {
        namespace.report(
            HAZARD,
            call.required() ? Severity.BLOCKER : Severity.WARNING,
            pod.workload().ref(),
            backend.targetPort(),
            "By "
                + object.ref()
                + " the API server calls port "
                + backend.targetPort()
                + " of "
                + pod.workload()
                + ", and not with Istio's mutual TLS: STRICT refuses it"
                + (call.required() ? "." : ", and the webhook is left out."),
            "Name port " + backend.targetPort() + " in an exception.");
      }
    }
  }
}
