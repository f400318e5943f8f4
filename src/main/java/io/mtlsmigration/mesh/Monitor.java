// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * A {@code monitoring.coreos.com} ServiceMonitor or PodMonitor.
 *
 * @param selector of Services or of pods
 * @param namespaces the namespaces that are searched for them; empty = every namespace
 */
public record Monitor(
    ObjectRef ref, LabelSelector selector, List<String> namespaces, List<Endpoint> endpoints)
    implements OtherObject {

  public Monitor {
    namespaces = List.copyOf(namespaces);
    endpoints = List.copyOf(endpoints);
  }

  /** Returns true for a ServiceMonitor. */
  public boolean ofServices() {
    return ref.kind().equals("ServiceMonitor");
  }

  /**
   * A scraped port.
   *
   * @param port a port's name: of the Service for a ServiceMonitor, else of a container; or empty
   * @param targetPort a container port as a number, or its name; or empty
   * @param clientCertificate true when Prometheus presents a certificate, which may be the mesh's
   */
  public record Endpoint(String port, String targetPort, boolean clientCertificate) {}
}
