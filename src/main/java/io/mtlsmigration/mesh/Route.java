// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * An Ingress, or a route of the Gateway API for TCP (HTTPRoute, GRPCRoute, TLSRoute, TCPRoute):
 * from a gateway to Services.
 *
 * @param className an Ingress's class; empty when it has none
 * @param gateways a route's parents of kind Gateway
 */
public record Route(ObjectRef ref, String className, List<ObjectRef> gateways, List<Target> targets)
    implements OtherObject {

  public Route {
    gateways = List.copyOf(gateways);
    targets = List.copyOf(targets);
  }

  /** A Service port, by its number in decimal or by its name. */
  public record Target(String namespace, String service, String port) {}
}
