package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;

/**
 * A {@code networking.istio.io} ServiceEntry, stripped to what it leads to and how.
 *
 * @param external true for {@code location: MESH_EXTERNAL}, which is also the default: clients
 *     never use auto mTLS then
 * @param workloadSelector labels of pods and WorkloadEntries in its own namespace; empty = none
 */
public record ServiceEntry(
    ObjectRef ref,
    List<String> hosts,
    boolean external,
    Map<String, String> workloadSelector,
    List<Port> ports,
    List<Endpoint> endpoints)
    implements OtherObject {

  public ServiceEntry {
    hosts = List.copyOf(hosts);
    workloadSelector = Map.copyOf(workloadSelector);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
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
   * @param announcesIstioTls what istiod takes from label or service account (istio
   *     pilot/pkg/serviceregistry/serviceentry/conversion.go, getTLSModeFromWorkloadEntry)
   */
  public record Endpoint(String address, Map<String, Integer> ports, boolean announcesIstioTls) {
    public Endpoint {
      ports = Map.copyOf(ports);
    }

    public int target(Port port) {
      return ports.getOrDefault(port.name(), port.target());
    }
  }
}
