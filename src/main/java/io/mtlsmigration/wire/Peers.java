// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Resolves the callers of a capture by their addresses, with the pods of a snapshot. */
final class Peers {

  private final Map<String, Pod> pods = new HashMap<>();
  private final Set<String> shared = new HashSet<>();
  private final Map<String, String> nodes = new HashMap<>();

  private Peers() {}

  /** Looks up only the addresses that were seen: a mesh may have 150,000 pods. */
  static Peers of(MeshSnapshot snapshot, List<Sighting> sightings) {
    Set<String> wanted = new HashSet<>();
    sightings.forEach(sighting -> wanted.add(canonical(sighting.flow().ip())));
    Peers peers = new Peers();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        for (String address : pod.addresses()) {
          String ip = canonical(address);
          if (wanted.contains(ip)) {
            peers.add(ip, pod);
          }
        }
      }
    }
    return peers;
  }

  private void add(String ip, Pod pod) {
    if (pod.hostNetwork()) {
      nodes.put(ip, pod.node());
    } else if (!pod.terminated()) {
      // An address is reassigned once its owner has ended; until all know that, two have it.
      Pod other = pods.put(ip, pod);
      if (other != null && !other.uid().equals(pod.uid())) {
        shared.add(ip);
      }
    }
  }

  Connection named(Sighting sighting) {
    String ip = canonical(sighting.flow().ip());
    @Nullable Pod pod = shared.contains(ip) ? null : pods.get(ip);
    return new Connection(
        sighting, pod == null ? null : pod.workload(), nodes.getOrDefault(ip, ""));
  }

  /** Normalises an IPv6 address, which has many spellings; literals only, so no look-up. */
  private static String canonical(String ip) {
    if (ip.indexOf(':') < 0) {
      return ip;
    }
    try {
      return InetAddress.getByName(ip).getHostAddress();
    } catch (UnknownHostException e) {
      return ip;
    }
  }
}
