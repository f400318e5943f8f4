// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/** Computes the modes that are enforced in the scope of a policy, whichever policy decides it. */
public final class ScopeModes {

  private ScopeModes() {}

  /**
   * Returns the effective mode of the scope of a policy with this spec: the mesh's, the
   * namespace's, or that of pods with the selector's labels. A ledger entry records it as previous
   * mode and ports.
   */
  public static EffectiveMode of(MeshModes modes, ObjectRef ref, Spec spec) {
    if (modes.snapshot().isRoot(ref.namespace())) {
      return modes.mesh();
    }
    NamespaceModes namespace = modes.namespace(ref.namespace());
    return spec.selector().isEmpty() ? namespace.mode() : namespace.ofLabels(spec.selector());
  }

  /** Returns true when a refusing port, of an existing or future pod, would accept plaintext. */
  static boolean weakens(MeshModes modes, PolicyChange change) {
    return someMode(modes, change, MtlsMode::weakenedBy);
  }

  /** Returns true when a port, of an existing or future pod, would begin to refuse mutual TLS. */
  public static boolean disables(MeshModes modes, PolicyChange change) {
    return someMode(
        modes, change, (before, after) -> before != MtlsMode.DISABLE && after == MtlsMode.DISABLE);
  }

  /** Returns true when some port is STRICT that is not so in the other one. */
  public static boolean stricter(EffectiveMode mode, EffectiveMode than) {
    return someMode(mode, than, (m, t) -> m == MtlsMode.STRICT && t != MtlsMode.STRICT);
  }

  /** Returns true when both have the same mode for every port. */
  static boolean sameModes(EffectiveMode one, EffectiveMode other) {
    return !someMode(one, other, (a, b) -> a != b);
  }

  /**
   * Returns the mesh reduced to one namespace and the root: all that decides the namespace's modes.
   * A what-if on it costs the same in a mesh of ten thousand namespaces.
   */
  static MeshModes only(MeshModes modes, String namespace) {
    MeshSnapshot snapshot = modes.snapshot();
    return MeshModes.resolve(
        MeshSnapshot.of(
            snapshot.settings(),
            snapshot.observedAt(),
            List.of(snapshot.root(), modes.namespace(namespace).facts())));
  }

  /** Returns the pods whose ports policies govern now. */
  static List<Pod> capturedPods(NamespaceFacts facts) {
    return facts.pods().stream()
        .filter(pod -> !pod.terminated() && pod.dataPlane().captured())
        .toList();
  }

  /**
   * Returns whether the test holds before and after a change, for some port of an existing or
   * future pod, whichever policy decides it then.
   */
  static boolean someMode(
      MeshModes modes, PolicyChange change, BiPredicate<MtlsMode, MtlsMode> test) {
    String namespace = change.ref().namespace();
    MeshModes before = only(modes, namespace);
    MeshModes after = before.refresh(Snapshots.apply(before.snapshot(), change));
    // Every future namespace gets the mesh's mode, so that mode decides.
    return modes.snapshot().isRoot(namespace)
        ? test.test(before.mesh().mode(), after.mesh().mode())
        : mayCome(change, before.namespace(namespace), after.namespace(namespace)).stream()
                .anyMatch(
                    labels ->
                        someMode(
                            before.namespace(namespace).ofLabels(labels),
                            after.namespace(namespace).ofLabels(labels),
                            test))
            || capturedPods(before.namespace(namespace).facts()).stream()
                .anyMatch(
                    pod ->
                        someMode(
                            before.namespace(namespace).of(pod),
                            after.namespace(namespace).of(pod),
                            test));
  }

  /**
   * Returns the labels of pods that may come: those of each policy, alone and with the change's.
   */
  private static Set<Map<String, String>> mayCome(
      PolicyChange change, NamespaceModes before, NamespaceModes after) {
    Set<Map<String, String>> own = new HashSet<>();
    for (Spec spec : new Spec[] {change.before(), change.after()}) {
      if (spec != null) {
        own.add(spec.selector());
      }
    }
    Set<Map<String, String>> labels = new HashSet<>(own);
    for (NamespaceModes modes : List.of(before, after)) {
      for (PeerAuthentication policy : modes.facts().peerAuthentications()) {
        Map<String, String> selector = policy.spec().selector();
        labels.add(selector);
        for (Map<String, String> one : own) {
          Map<String, String> both = new HashMap<>(one);
          both.putAll(selector);
          if (both.entrySet().containsAll(one.entrySet())) {
            labels.add(both);
          }
        }
      }
    }
    return labels;
  }

  /** Returns whether the test holds for the workload's mode or that of some port. */
  static boolean someMode(
      EffectiveMode before, EffectiveMode after, BiPredicate<MtlsMode, MtlsMode> test) {
    if (test.test(before.mode(), after.mode())) {
      return true;
    }
    for (EffectiveMode mode : List.of(before, after)) {
      for (int port : mode.ports().keySet()) {
        if (test.test(before.of(port), after.of(port))) {
          return true;
        }
      }
    }
    return false;
  }
}
