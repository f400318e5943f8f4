package io.mtlsmigration.mesh;

/**
 * An IngressClass or a GatewayClass. Cluster-scoped.
 *
 * @param controller who serves the objects of this class
 */
public record ControllerClass(ObjectRef ref, String controller) implements OtherObject {

  /** True when Istio serves them. */
  public boolean ofIstio() {
    return controller.startsWith("istio.io/");
  }
}
