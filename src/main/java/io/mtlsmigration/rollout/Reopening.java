// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.NamespaceModes;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** Ports that accept plaintext again: what they refused in between was not measured. */
public final class Reopening {

  private Reopening() {}

  /**
   * Returns whether ports were opened, of pods or of workloads that have none just now: those of
   * before may be replaced, and their silence is counted on.
   */
  public static boolean between(NamespaceModes before, NamespaceModes after) {
    if (opens(before.mode(), after.mode())) {
      return true;
    }
    for (Pod pod : after.facts().pods()) {
      if (!pod.terminated() && pod.dataPlane().captured() && opens(before.of(pod), after.of(pod))) {
        return true;
      }
    }
    return Stream.of(before, after)
        .flatMap(modes -> modes.facts().peerAuthentications().stream())
        .map(policy -> policy.spec().selector())
        .anyMatch(labels -> opens(before.ofLabels(labels), after.ofLabels(labels)));
  }

  private static boolean opens(EffectiveMode before, EffectiveMode after) {
    if (before.mode() == MtlsMode.STRICT && after.mode() != MtlsMode.STRICT) {
      return true;
    }
    Set<Integer> ports = new HashSet<>(before.ports().keySet());
    ports.addAll(after.ports().keySet());
    return ports.stream()
        .anyMatch(p -> before.of(p) == MtlsMode.STRICT && after.of(p) != MtlsMode.STRICT);
  }
}
