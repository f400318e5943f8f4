// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.ApiServerCalls.Call;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;

/** Captured pods that the API server calls: webhooks, conversions, aggregated APIs. */
final class CalledByApiServer implements Rule {

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
            HazardCode.CALLED_BY_API_SERVER,
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
