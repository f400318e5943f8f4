package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code networking.istio.io} ServiceEntry, stripped to what it leads to and how.
 *
 * @param addresses by which clients call; with resolution NONE also where calls go
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

  /** {@code resolution}: how a client's proxy finds where calls go. */
  public enum Resolution {
    /** To the address that the client asked for; the default. */
    NONE,
    /** To the endpoints, which are addresses. */
    STATIC,
    /** To what the endpoints' names stand for, or else the host's own; DNS_ROUND_ROBIN too. */
    DNS,
    /** To what the host that a request names stands for. */
    DYNAMIC_DNS
  }

  /**
   * A port under which clients call.
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
   * Where calls go.
   *
   * @param address an IP or a host name
   * @param ports numbers by the name of the entry's port; it goes before the port's own target
   * @param tlsMode what istiod takes from label or service account: {@code istio}, {@code
   *     disabled}, or whatever the label says (istio
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
