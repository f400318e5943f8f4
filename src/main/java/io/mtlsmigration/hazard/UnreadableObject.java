// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Unreadable;
import java.util.List;
import java.util.Set;

/** Objects that exist and could not be read: their effect is unknown. */
final class UnreadableObject implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.UNREADABLE_OBJECT,
          Severity.BLOCKER,
          "An object that cannot be read",
          "A policy or rule with a value that its schema does not know may be in force all the"
              + " same, or may be ignored by Istio: what holds in the namespace is unknown, so"
              + " nothing is decided on it.",
          "Correct the object at the field that is named, or delete it.",
          "Never silent: an object that cannot be read is not passed over. One in the root"
              + " namespace, or in none, concerns every namespace. Of kinds that no rule takes for"
              + " more than a WARNING (routes, monitors, NetworkPolicies and the like) it is a"
              + " WARNING, unless the whole kind may not be read.",
          List.of());

  /** Kinds that affect other namespaces when they are in the root namespace. */
  private static final Set<String> MESH_WIDE =
      Set.of(
          "PeerAuthentication",
          "DestinationRule",
          "Sidecar",
          "ConfigMap",
          "AuthorizationPolicy",
          "EnvoyFilter",
          "Telemetry");

  /** Kinds for which no rule reports more than a WARNING, so that nothing worse is hidden. */
  private static final Set<String> LESSER =
      Set.of(
          "AuthorizationPolicy",
          "EnvoyFilter",
          "Gateway",
          "GatewayClass",
          "GRPCRoute",
          "HTTPRoute",
          "Ingress",
          "IngressClass",
          "NetworkPolicy",
          "PodMonitor",
          "ServiceMonitor",
          "TCPRoute",
          "TLSRoute",
          "Telemetry",
          "WorkloadEntry",
          "WorkloadGroup");

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    namespace.facts().unreadable().forEach(object -> report(namespace, object));
    if (!namespace.isRoot()) {
      for (Unreadable object : namespace.snapshot().root().unreadable()) {
        boolean ofCluster = object.ref().namespace().isEmpty();
        if (ofCluster || MESH_WIDE.contains(object.ref().kind())) {
          report(namespace, object);
        }
      }
    }
  }

  private static void report(Inspection namespace, Unreadable object) {
    if (object.wholeKind()) {
      namespace.report(
          HAZARD,
          Severity.BLOCKER,
          object.ref(),
          0,
          "No object of kind " + object.ref().kind() + " can be read: " + object.reason(),
          "Let the service read the kind, as the message says.");
      return;
    }
    namespace.report(
        HAZARD,
        LESSER.contains(object.ref().kind()) ? Severity.WARNING : Severity.BLOCKER,
        object.ref(),
        0,
        object.ref() + " cannot be read at " + object.field() + ": " + object.reason() + ".",
        "Correct " + object.field() + ", or delete the object.");
  }
}
