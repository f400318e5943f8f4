// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.rollout.ProxySync.Difference;
import io.mtlsmigration.rollout.ProxySync.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The check that ztunnels are told what the policies say, for ambient pods whose policy has
 * port-level modes: istiod's conversion of such a policy may be older than the policies that
 * enclose it. Other ambient pods obey one rule that is always the same, or none.
 *
 * @param pages one of each istiod that showed it
 * @param unseen why some istiod does not show it; empty when all do
 */
record AmbientView(List<AmbientPage> pages, String unseen) {

  static final AmbientView NOT_ASKED =
      new AmbientView(List.of(), "istiod has not been asked for it yet; it is within seconds");

  private static final int ANY_OTHER_PORT = 0;

  /** Returns the namespaces that need this check. */
  static Set<String> namespaces(MeshSnapshot snapshot) {
    Set<String> names = new HashSet<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      if (facts.peerAuthentications().stream().anyMatch(AmbientView::ofPorts)
          && facts.pods().stream().anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT)) {
        names.add(facts.name());
      }
    }
    return names;
  }

  private static boolean ofPorts(PeerAuthentication policy) {
    return !policy.spec().selector().isEmpty() && !policy.spec().portModes().isEmpty();
  }

  /**
   * Returns the status of a namespace's pods; null when nothing is wrong.
   *
   * @param pods captured pods that run
   * @param cluster istiod's name for this cluster
   */
  @Nullable Status judge(
      MeshSnapshot snapshot, NamespaceFacts facts, List<Pod> pods, Optional<String> cluster) {
    if (facts.peerAuthentications().stream().noneMatch(AmbientView::ofPorts)
        || pods.stream().noneMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT)) {
      return null;
    }
    NamespaceModes modes =
        MeshModes.resolve(
                MeshSnapshot.of(
                    snapshot.settings(), snapshot.observedAt(), List.of(snapshot.root(), facts)))
            .namespace(facts.name());
    Set<Difference> differences = new LinkedHashSet<>();
    for (Pod pod : pods) {
      PeerAuthentication policy =
          pod.dataPlane() == DataPlane.AMBIENT
              ? modes.workloadPolicy(pod.labels()).filter(AmbientView::ofPorts).orElse(null)
              : null;
      if (policy == null) {
        continue;
      }
      List<AmbientPage.Obeyed> shown = new ArrayList<>();
      for (AmbientPage page : pages) {
        for (AmbientPage.Obeyed workload : shown(page, pod, cluster)) {
          shown.add(workload);
          String words = difference(page, workload, modes.of(pod));
          if (words != null) {
            differences.add(
                new Difference(policy.ref(), pod.workload() + " of " + facts.name() + words));
          }
        }
      }
      if (!unseen.isEmpty() || shown.isEmpty()) {
        return unknown(pod, policy);
      }
    }
    return differences.isEmpty() ? null : new Status.Differs(List.copyOf(differences));
  }

  private Status.Unknown unknown(Pod pod, PeerAuthentication policy) {
    return new Status.Unknown(
        "what ztunnel is told of "
            + pod.namespace()
            + "/"
            + pod.name()
            + ", whose policy "
            + policy.ref().name()
            + " has modes of ports, is not seen: "
            + (unseen.isEmpty() ? "no istiod shows the pod" : unseen));
  }

  private static List<AmbientPage.Obeyed> shown(
      AmbientPage page, Pod pod, Optional<String> cluster) {
    return page.obeys().getOrDefault(pod.namespace() + "/" + pod.name(), List.of()).stream()
        .filter(workload -> cluster.isEmpty() || cluster.get().equals(workload.cluster()))
        .toList();
  }

  /** Returns how the rules shown differ from the mode; null when they agree. */
  private static @Nullable String difference(
      AmbientPage page, AmbientPage.Obeyed workload, EffectiveMode mode) {
    Set<Integer> open = new TreeSet<>();
    Set<Integer> refused = new TreeSet<>();
    Set<Integer> ports = new TreeSet<>(mode.ports().keySet());
    ports.addAll(page.ports(workload));
    ports.add(ANY_OTHER_PORT);
    for (int port : ports) {
      boolean strict = mode.of(port) == MtlsMode.STRICT;
      if (strict != page.refuses(workload, port)) {
        (strict ? open : refused).add(port);
      }
    }
    if (open.isEmpty() && refused.isEmpty()) {
      return null;
    }
    return (open.isEmpty() ? "" : " takes plaintext on " + words(open) + ", which is STRICT")
        + (refused.isEmpty()
            ? ""
            : "%s refuses plaintext on %s, which is PERMISSIVE"
                .formatted(open.isEmpty() ? "" : " and", words(refused)));
  }

  private static String words(Set<Integer> ports) {
    return ports.contains(ANY_OTHER_PORT)
        ? "every port that its policy does not name"
        : "ports " + ports;
  }
}
