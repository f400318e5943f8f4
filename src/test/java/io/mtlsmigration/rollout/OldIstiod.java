// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.ProxySync.Difference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What ztunnel enforces that follows an istiod from before istio/istio#61010: the rules of a
 * workload policy are made when that policy changes, for the mode that its namespace has then. Told
 * as policies that say so themselves. Not from the code that is tested: by {@code
 * convertPeerAuthentication} and src/test/resources/ambient/modes-on-mesh.txt.
 */
public final class OldIstiod {

  private record Made(PeerAuthentication policy, boolean strict) {}

  private final Map<ObjectRef, Made> made = new HashMap<>();

  /** The mesh as ztunnel enforces it. */
  public MeshModes enforced(MeshModes modes) {
    MeshSnapshot snapshot = modes.snapshot();
    List<NamespaceFacts> facts = new ArrayList<>();
    for (NamespaceFacts each : snapshot.namespaces().values()) {
      boolean strict = modes.namespace(each.name()).mode().mode() == MtlsMode.STRICT;
      facts.add(
          each.withPeerAuthentications(
              each.peerAuthentications().stream()
                  .map(p -> new PeerAuthentication(p.meta(), enforced(p, strict)))
                  .toList()));
    }
    return MeshModes.resolve(MeshSnapshot.of(snapshot.settings(), snapshot.observedAt(), facts));
  }

  private Spec enforced(PeerAuthentication policy, boolean strict) {
    Spec spec = policy.spec();
    Made known = made.get(policy.ref());
    if (known == null || !known.policy().equals(policy)) {
      known = new Made(policy, strict);
      made.put(policy.ref(), known);
    }
    boolean obeyed = spec.portModes().containsValue(strict ? MtlsMode.PERMISSIVE : MtlsMode.STRICT);
    if (spec.mode() != MtlsMode.UNSET || spec.selector().isEmpty() || !obeyed) {
      return spec;
    }
    Map<Integer, MtlsMode> ports = new HashMap<>(spec.portModes());
    MtlsMode left = known.strict() ? MtlsMode.STRICT : MtlsMode.PERMISSIVE;
    ports.values().removeIf(mode -> mode == left);
    boolean all = known.strict() && ports.isEmpty();
    return new Spec(
        spec.selector(), known.strict() && !all ? MtlsMode.STRICT : MtlsMode.PERMISSIVE, ports);
  }

  /** How ztunnel's rules differ from the policies, in one namespace. */
  public List<Difference> differences(MeshModes modes, String namespace) {
    return differences(modes, enforced(modes), namespace);
  }

  /** How what is enforced differs from the policies, in one namespace. */
  public static List<Difference> differences(
      MeshModes modes, MeshModes enforced, String namespace) {
    List<Difference> differences = new ArrayList<>();
    modes.namespace(namespace).facts().pods().stream()
        .filter(pod -> pod.dataPlane() == DataPlane.AMBIENT)
        .filter(pod -> !alike(modes, enforced, namespace, pod))
        .forEach(
            pod ->
                differences.add(
                    new Difference(
                        modes.namespace(namespace).workloadPolicy(pod.labels()).orElseThrow().ref(),
                        pod.workload() + " is told otherwise")));
    return differences;
  }

  private static boolean alike(MeshModes modes, MeshModes enforced, String namespace, Pod pod) {
    EffectiveMode wanted = modes.namespace(namespace).of(pod);
    EffectiveMode is = enforced.namespace(namespace).of(pod);
    return wanted.mode() == is.mode()
        && wanted.ports().keySet().stream().allMatch(port -> wanted.of(port) == is.of(port))
        && is.ports().keySet().stream().allMatch(port -> wanted.of(port) == is.of(port));
  }
}
