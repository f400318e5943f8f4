// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code networking.istio.io} ServiceEntry, reduced to its destinations.
 *
 * @param addresses addresses that clients call; with resolution NONE also the destinations of calls
 * @param external true for {@code location: MESH_EXTERNAL}, which is also the default: clients
 *     never use auto mTLS then
 * @param exportTo empty = the mesh default
 * @param workloadSelector labels of pods and WorkloadEntries in its own namespace; empty = none
 */
public record ServiceEntry(
    ObjectRef ref,
    List<String> hosts,
    List<String> addresses,
    boolean external,
    Resolution resolution,
    Set<String> exportTo,
    Map<String, String> workloadSelector,
    List<Port> ports,
    List<Endpoint> endpoints)
    implements OtherObject {

  public ServiceEntry {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
    exportTo = Set.copyOf(exportTo);
    workloadSelector = Map.copyOf(workloadSelector);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /** {@code resolution}: how a client's proxy finds the destination of a call. */
  public enum Resolution {
    /** The address that the client asked for; the default. */
    NONE,
    /** The endpoints, which are addresses. */
    STATIC,
    /** The resolved names of the endpoints, or else of the host; DNS_ROUND_ROBIN too. */
    DNS,
    /** The resolved host of the request. */
    DYNAMIC_DNS
  }

  /**
   * A port that clients call.
   *
   * @param name empty when it has none
   * @param targetPort 0 = the same number
   */
  public record Port(String name, int number, int targetPort) {
    public int target() {
      return targetPort == 0 ? number : targetPort;
    }
  }

  /**
   * A destination of calls.
   *
   * @param address an IP or a host name
   * @param ports numbers by the name of the entry's port; they take precedence over the port's own
   *     target
   * @param tlsMode the value that istiod takes from label or service account: {@code istio}, {@code
   *     disabled}, or any other value of the label (istio
   *     pilot/pkg/serviceregistry/serviceentry/conversion.go, getTLSModeFromWorkloadEntry)
   */
  public record Endpoint(
      String address, Map<String, Integer> ports, Map<String, String> labels, String tlsMode) {
    public Endpoint {
      ports = Map.copyOf(ports);
      labels = Map.copyOf(labels);
    }

    public int target(Port port) {
      return ports.getOrDefault(port.name(), port.target());
    }
  }
}
