package io.mtlsmigration.mesh;

import java.util.List;

/**
 * A {@code monitoring.coreos.com} ServiceMonitor or PodMonitor.
 *
 * @param selector of Services or of pods
 * @param namespaces where they are looked for; empty = in every namespace
 */
public record Monitor(
    ObjectRef ref, LabelSelector selector, List<String> namespaces, List<Endpoint> endpoints)
    implements OtherObject {

  public Monitor {
    namespaces = List.copyOf(namespaces);
    endpoints = List.copyOf(endpoints);
  }

  /** True for a ServiceMonitor. */
  public boolean ofServices() {
    return ref.kind().equals("ServiceMonitor");
  }

  /**
   * What is scraped.
   *
   * @param port a port's name: of the Service for a ServiceMonitor, else of a container; or empty
   * @param targetPort a container port as a number, or its name; or empty
   * @param clientCertificate true when Prometheus shows a certificate, which may be of the mesh
   */
  public record Endpoint(String port, String targetPort, boolean clientCertificate) {}
}
