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

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.PORT_LEVEL_KEY_IS_SERVICE_PORT,
          Severity.WARNING,
          "portLevelMtls names a port that is not a container port",
          "Keys of portLevelMtls are container ports. One that is the Service's port instead has no"
              + " effect on the traffic it was meant for: the workload's own mode stays in force"
              + " there.",
          "Use the Service's targetPort as the key.",
          "The number is both a Service port and a container port, or the policy governs no"
              + " captured pod. A number that is neither is INFO only, since Istio applies it to"
              + " whatever listens there.",
          List.of(49098, 27994));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
            HAZARD,
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
        HAZARD,
        Severity.WARNING,
        policy.ref(),
        key,
        policy.ref()
            + " sets a mode for port "
            + key
            + ", which is a port of "
            + meant.ref()
            + "; the pods listen on "
            + target
            + ", where the workload's own mode stays in force.",
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
