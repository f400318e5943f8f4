// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Headless Services, and PASSTHROUGH, where one endpoint turns mutual TLS off for all. */
final class HeadlessWithMixedEndpoints implements Rule {

  @Override
  public void check(Inspection namespace) {
    boolean automatic =
        namespace.snapshot().settings().autoMtls()
            && namespace.modes().mode().mode() != MtlsMode.DISABLE;
    if (!automatic) {
      return; // no client sends mutual TLS by itself, whatever is behind the Service
    }
    for (Service service : namespace.facts().services()) {
      if (service.headless() || passedThrough(namespace, service)) {
        service.ports().forEach(port -> check(namespace, service, port));
      }
    }
  }

  private static boolean passedThrough(Inspection namespace, Service service) {
    return namespace.mesh().reachability().rulesAddressing(service).stream()
        .map(DestinationRule::trafficPolicy)
        .anyMatch(policy -> policy != null && policy.passthrough());
  }

  private static void check(Inspection namespace, Service service, ServicePort port) {
    Reachability reachability = namespace.mesh().reachability();
    List<Backend> backends = reachability.backends(service, port);
    Backend without =
        first(backends, backend -> backend.pod() == null || !backend.pod().announcesIstioTls());
    Backend with = first(backends, backend -> closed(namespace, backend));
    if (without == null || with == null) {
      return;
    }
    Pod client = plaintextClient(namespace, service, port, with);
    if (client != null) {
      report(namespace, service, with, without, client);
    }
  }

  /** Returns whether an endpoint has a sidecar, which would refuse plaintext. */
  private static boolean closed(Inspection namespace, Backend backend) {
    Pod pod = backend.pod();
    return pod != null
        && pod.announcesIstioTls()
        && pod.dataPlane() == DataPlane.SIDECAR
        && namespace.wouldClose(pod, backend.targetPort());
  }

  private static @Nullable Backend first(List<Backend> backends, Predicate<Backend> condition) {
    return backends.stream().filter(condition).findFirst().orElse(null);
  }

  /** Returns a plaintext client: a peer, for whom headless Services are made, or the server. */
  private static @Nullable Pod plaintextClient(
      Inspection namespace, Service service, ServicePort port, Backend backend) {
    for (Pod client : namespace.sidecars()) {
      Prediction prediction =
          namespace.mesh().reachability().predict(client, service, port, backend);
      if (prediction.clientTls() == ClientTls.PLAINTEXT
          && prediction.way() == Prediction.Way.DIRECT
          && !ruled(namespace, prediction, service, port)) {
        return client;
      }
    }
    return null;
  }

  /** Returns true when a DestinationRule decides what is sent, and not the endpoints. */
  private static boolean ruled(
      Inspection namespace, Prediction prediction, Service service, ServicePort port) {
    for (DestinationRule rule : namespace.mesh().reachability().rulesAddressing(service)) {
      TrafficPolicy policy = rule.trafficPolicy();
      if (policy != null && prediction.decidedBy().contains(rule.ref())) {
        PortPolicy own = policy.ports().get(port.port());
        return (own == null ? policy.tls() : own.tls()) != null;
      }
    }
    return false;
  }

  private static void report(
      Inspection namespace, Service service, Backend with, Backend without, Pod client) {
    Pod server = with.pod();
    Pod open = without.pod();
    if (server == null) {
      return;
    }
    namespace.report(
        HazardCode.HEADLESS_WITH_MIXED_ENDPOINTS,
        service.ref(),
        with.targetPort(),
        "Behind "
            + service.ref()
            + " "
            + (open == null ? "the address " + without.ip() : open.workload())
            + " has no sidecar, so clients such as "
            + client.workload()
            + " send plaintext to "
            + server.workload()
            + " as well; STRICT would refuse them.",
        "Give every endpoint of " + service.ref() + " a sidecar.");
  }
}
