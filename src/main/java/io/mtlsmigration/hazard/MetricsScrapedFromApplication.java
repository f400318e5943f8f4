// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Monitor;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;

/** Metrics that Prometheus scrapes from a port of the application. */
final class MetricsScrapedFromApplication implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    namespace.captured().forEach(pod -> annotated(namespace, pod));
    for (Monitor monitor : namespace.mesh().others(Monitor.class)) {
      if (monitor.namespaces().isEmpty() || monitor.namespaces().contains(namespace.name())) {
        if (monitor.ofServices()) {
          services(namespace, monitor);
        } else {
          pods(namespace, monitor);
        }
      }
    }
  }

  private static void annotated(Inspection namespace, Pod pod) {
    String port = pod.annotations().getOrDefault("prometheus.io/port", "");
    if ("true".equals(pod.annotations().get("prometheus.io/scrape")) && isNumber(port)) {
      scraped(namespace, pod, Integer.parseInt(port), "The annotation prometheus.io/port");
    }
  }

  private static void services(Inspection namespace, Monitor monitor) {
    for (Service service : namespace.facts().services()) {
      if (monitor.selector().matches(service.labels())) {
        for (Monitor.Endpoint endpoint : monitor.endpoints()) {
          if (!endpoint.clientCertificate()) {
            services(namespace, monitor.ref(), service, endpoint);
          }
        }
      }
    }
  }

  private static void services(
      Inspection namespace, ObjectRef monitor, Service service, Monitor.Endpoint endpoint) {
    for (ServicePort port : service.ports()) {
      boolean named = endpoint.port().isEmpty() || endpoint.port().equals(port.name());
      for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
        Pod pod = backend.pod();
        if (pod == null || !named) {
          continue;
        }
        int target = endpoint.port().isEmpty() ? target(pod, endpoint) : backend.targetPort();
        scraped(namespace, pod, target, monitor.toString());
      }
    }
  }

  private static void pods(Inspection namespace, Monitor monitor) {
    for (Pod pod : namespace.captured()) {
      if (monitor.selector().matches(pod.labels())) {
        for (Monitor.Endpoint endpoint : monitor.endpoints()) {
          if (!endpoint.clientCertificate()) {
            int port =
                endpoint.port().isEmpty() ? target(pod, endpoint) : named(pod, endpoint.port());
            scraped(namespace, pod, port, monitor.ref().toString());
          }
        }
      }
    }
  }

  private static int target(Pod pod, Monitor.Endpoint endpoint) {
    String target = endpoint.targetPort();
    return isNumber(target) ? Integer.parseInt(target) : named(pod, target);
  }

  /** Returns 0 when no container has a port of that name: then Prometheus scrapes nothing. */
  private static int named(Pod pod, String name) {
    for (ContainerPort port : pod.ports()) {
      if (!name.isEmpty() && port.name().equals(name)) {
        return port.port();
      }
    }
    return 0;
  }

  private static boolean isNumber(String text) {
    return text.matches("[0-9]{1,5}");
  }

  private static void scraped(Inspection namespace, Pod pod, int port, String by) {
    if (port == 0
        || InboundCapture.ofTheProxy(port)
        || pod.terminated()
        || !namespace.wouldClose(pod, port)) {
      return;
    }
    namespace.report(
        HazardCode.METRICS_SCRAPED_FROM_APPLICATION,
        pod.workload().ref(),
        port,
        "%s has Prometheus scrape port %s of %s; that is plaintext, and STRICT refuses it."
            .formatted(by, port, pod.workload()),
        "Let the sidecar merge the metrics, or name port " + port + " in an exception.");
  }
}
