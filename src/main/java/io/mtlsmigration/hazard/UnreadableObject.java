// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Unreadable;
import java.util.Set;

/** Objects that exist and could not be read: their effect is unknown. */
final class UnreadableObject implements Rule {

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
          HazardCode.UNREADABLE_OBJECT,
          object.ref(),
          0,
          "No object of kind " + object.ref().kind() + " can be read: " + object.reason(),
          "Let the service read the kind, as the message says.");
      return;
    }
    namespace.report(
        HazardCode.UNREADABLE_OBJECT,
        LESSER.contains(object.ref().kind()) ? Severity.WARNING : Severity.BLOCKER,
        object.ref(),
        0,
        object.ref() + " cannot be read at " + object.field() + ": " + object.reason() + ".",
        "Correct " + object.field() + ", or delete the object.");
  }
}
