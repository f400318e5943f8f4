// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Keys of portLevelMtls that are not container ports. */
final class PortLevelKeyIsServicePort implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (PeerAuthentication policy : namespace.facts().peerAuthentications()) {
      if (namespace.isRoot()
          || policy.spec().selector().isEmpty()
          || policy.spec().portModes().isEmpty()) {
        continue;
      }
      List<Pod> governed = governed(namespace, policy);
      if (!governed.isEmpty()) {
        checkKeys(namespace, policy, governed);
      }
    }
  }

  private static List<Pod> governed(Inspection namespace, PeerAuthentication policy) {
    return namespace.captured().stream()
        .filter(
            pod ->
                namespace
                    .modes()
                    .workloadPolicy(pod.labels())
                    .filter(winner -> winner.ref().equals(policy.ref()))
                    .isPresent())
        .toList();
  }

  private static void checkKeys(Inspection namespace, PeerAuthentication policy, List<Pod> pods) {
    List<Service> services = namespace.facts().services();
    Set<Integer> known = new TreeSet<>();
    pods.forEach(pod -> known.addAll(Ports.known(services, pod)));
    for (int key : new TreeSet<>(policy.spec().portModes().keySet())) {
      if (known.contains(key)) {
        continue;
      }
      Service meant = serviceWithPort(services, pods, key);
      if (meant != null) {
        reportServicePort(namespace, policy, key, meant);
      } else {
        namespace.report(
            HazardCode.PORT_LEVEL_KEY_IS_SERVICE_PORT,
            Severity.INFO,
            policy.ref(),
            key,
            policy.ref()
                + " sets a mode for port "
                + key
                + ", which no selected pod declares and no Service leads to; it applies to whatever"
                + " listens there.",
            "Check the number; declare the container port, or remove the key.");
      }
    }
  }

  private static void reportServicePort(
      Inspection namespace, PeerAuthentication policy, int key, Service meant) {
    String target = "";
    for (ServicePort port : meant.ports()) {
      if (port.port() == key) {
        target = port.targetPort();
      }
    }
    namespace.report(
        HazardCode.PORT_LEVEL_KEY_IS_SERVICE_PORT,
        policy.ref(),
        key,
        ("%s sets a mode for port %s, which is a port of %s; the pods listen on %s, where the"
                + " workload's own mode stays in force.")
            .formatted(policy.ref(), key, meant.ref(), target),
        "Use " + target + " as the key.");
  }

  private static @Nullable Service serviceWithPort(
      List<Service> services, List<Pod> pods, int number) {
    for (Service service : services) {
      boolean offers = service.ports().stream().anyMatch(port -> port.port() == number);
      if (offers && pods.stream().anyMatch(pod -> service.selects(pod))) {
        return service;
      }
    }
    return null;
  }
}
