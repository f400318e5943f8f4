// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * The traffic of a pod that bypasses its proxy.
 *
 * @param probes kubelet probes that call a port of the application
 * @param early containers that run before the proxy does, in order
 */
public record Lifecycle(List<Probe> probes, List<String> early) {

  public static final Lifecycle PLAIN = new Lifecycle(List.of(), List.of());

  public Lifecycle {
    probes = List.copyOf(probes);
    early = List.copyOf(early);
  }

  /**
   * A probe by HTTP or gRPC.
   *
   * @param field such as {@code readinessProbe}
   * @param path for HTTP, without a query; for gRPC the path of the health service's method
   */
  public record Probe(String container, String field, int port, String path) {}
}
