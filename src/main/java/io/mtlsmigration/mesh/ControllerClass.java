// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

/**
 * An IngressClass or a GatewayClass. Cluster-scoped.
 *
 * @param controller the controller that serves the objects of this class
 */
public record ControllerClass(ObjectRef ref, String controller) implements OtherObject {

  /** Returns true when Istio serves them. */
  public boolean ofIstio() {
    return controller.startsWith("istio.io/");
  }
}
