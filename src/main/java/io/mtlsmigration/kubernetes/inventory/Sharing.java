// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import java.util.HashMap;
import java.util.Map;

/**
 * Interns equal values, such as the labels of a workload's replicas and the names of nodes. It
 * holds a fixed number of values, the latest of each hash, and so needs no cleaning: a forgotten
 * value is merely stored twice. Not thread-safe.
 */
final class Sharing {

  /** A power of two; at one reference each this costs a megabyte or two. */
  private static final int SLOTS = 1 << 18;

  private final Object[] slots = new Object[SLOTS];

  /** Returns the value, or an equal one seen before. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // equal, and so of its class
  <T> T one(T value) {
    int slot = slot(value);
    Object known = slots[slot];
    if (value.equals(known)) {
      return (T) known;
    }
    slots[slot] = value;
    return value;
  }

  /** Interns a map like {@link #one}; a new map is built of interned keys and values. */
  Map<String, String> strings(Map<String, String> map) {
    if (map.equals(slots[slot(map)])) {
      return one(map);
    }
    Map<String, String> entries = HashMap.newHashMap(map.size());
    map.forEach((key, value) -> entries.put(one(key), one(value)));
    return one(Map.copyOf(entries));
  }

  private ObjectRef ref(ObjectRef ref) {
    return new ObjectRef(one(ref.kind()), one(ref.namespace()), ref.name());
  }

  private static int slot(Object value) {
    int hash = value.hashCode();
    return (hash ^ (hash >>> 16)) & (SLOTS - 1);
  }

  static Pod pod(Pod pod, Sharing sharing) {
    return new Pod(
        sharing.ref(pod.ref()),
        pod.uid(),
        sharing.one(pod.workload()),
        sharing.strings(pod.labels()),
        sharing.strings(pod.annotations()),
        pod.dataPlane(),
        sharing.one(pod.inbound()),
        pod.hostNetwork(),
        sharing.one(pod.ports()),
        sharing.one(pod.lifecycle()),
        pod.ip(),
        pod.otherIps(),
        sharing.one(pod.node()),
        sharing.one(pod.serviceAccount()),
        pod.ready(),
        pod.terminated(),
        pod.proxyRestarts(),
        pod.proxyUnstarted(),
        pod.createdAt());
  }

  static Service service(Service service, Sharing sharing) {
    return new Service(
        sharing.ref(service.ref()),
        sharing.strings(service.labels()),
        sharing.strings(service.annotations()),
        sharing.strings(service.selector()),
        service.type(),
        service.headless(),
        sharing.one(service.ports()),
        sharing.one(service.exportTo()),
        service.clusterIps(),
        service.externalIps(),
        service.createdAt());
  }

  static EndpointSlice endpointSlice(EndpointSlice slice, Sharing sharing) {
    return new EndpointSlice(
        sharing.ref(slice.ref()), slice.service(), slice.endpoints(), sharing.one(slice.ports()));
  }
}
