// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;

/**
 * The known facts of one namespace. The unit of change: a new fact replaces the whole record.
 *
 * @param others objects that only hazards read, and ServiceEntries
 */
public record NamespaceFacts(
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean terminating,
    List<Pod> pods,
    List<Service> services,
    List<EndpointSlice> endpointSlices,
    List<PeerAuthentication> peerAuthentications,
    List<DestinationRule> destinationRules,
    List<SidecarScope> sidecars,
    List<OtherObject> others,
    List<Unreadable> unreadable) {

  public NamespaceFacts {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    pods = List.copyOf(pods);
    services = List.copyOf(services);
    endpointSlices = List.copyOf(endpointSlices);
    peerAuthentications = List.copyOf(peerAuthentications);
    destinationRules = List.copyOf(destinationRules);
    sidecars = List.copyOf(sidecars);
    others = List.copyOf(others);
    unreadable = List.copyOf(unreadable);
  }

  /** Returns a namespace known only by name, such as one that objects of a dump refer to. */
  public static NamespaceFacts empty(String name) {
    return new NamespaceFacts(
        name, "", Map.of(), Map.of(), false, List.of(), List.of(), List.of(), List.of(), List.of(),
        List.of(), List.of(), List.of());
  }

  public NamespaceFacts withPeerAuthentications(List<PeerAuthentication> next) {
    return with(pods, next, others);
  }

  public NamespaceFacts withPods(List<Pod> next) {
    return with(next, peerAuthentications, others);
  }

  public NamespaceFacts withOthers(List<OtherObject> next) {
    return with(pods, peerAuthentications, next);
  }

  private NamespaceFacts with(
      List<Pod> nextPods, List<PeerAuthentication> nextPolicies, List<OtherObject> nextOthers) {
    return new NamespaceFacts(
        name,
        uid,
        labels,
        annotations,
        terminating,
        nextPods,
        services,
        endpointSlices,
        nextPolicies,
        destinationRules,
        sidecars,
        nextOthers,
        unreadable);
  }

  /** Returns those of {@link #others} that are of one kind. */
  public <T extends OtherObject> List<T> others(Class<T> type) {
    if (others.isEmpty()) {
      return List.of();
    }
    return others.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /**
   * Returns whether a mesh-wide policy affects this namespace: it has captured pods, or would have
   * them when it is scaled up again.
   */
  public boolean captures() {
    return capturedPods() > 0
        || Injection.dataPlane(name, labels, Map.of(), Map.of(), false).captured();
  }

  /** Returns true when a Service leads to the pod: by its selector, or by an EndpointSlice. */
  public boolean serves(Pod pod) {
    for (Service service : services) {
      if (service.selects(pod)) {
        return true;
      }
    }
    for (EndpointSlice slice : endpointSlices) {
      for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
        if (endpoint.leadsTo(pod)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns the number of pods that a proxy captures and PeerAuthentication governs. */
  public long capturedPods() {
    long count = 0;
    for (Pod pod : pods) {
      if (!pod.terminated() && pod.dataPlane().captured()) {
        count++;
      }
    }
    return count;
  }
}
