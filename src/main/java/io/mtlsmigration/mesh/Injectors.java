// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which labels of namespaces an installed webhook of Istio answers to. A namespace may go on naming
 * a revision, or a tag, that was removed: its pods get no sidecar any more.
 */
public final class Injectors {

  private final Set<String> answered = new HashSet<>();

  private Injectors() {}

  /** Of a mesh; where no webhook is known, as in manifests, all are taken for installed. */
  public static Injectors of(MeshSnapshot snapshot) {
    Injectors injectors = new Injectors();
    for (OtherObject object : snapshot.clusterObjects()) {
      if (object instanceof ApiServerCalls calls) {
        injectors.answered.addAll(calls.injects());
      }
    }
    return injectors;
  }

  /** Returns the labels of a namespace as {@link Injection} has to take them. */
  public Map<String, String> labels(NamespaceFacts facts) {
    Map<String, String> labels = facts.labels();
    String asked =
        labels.containsKey(Injection.NAMESPACE_LABEL)
            ? Injection.NAMESPACE_LABEL
            : Injection.REVISION_LABEL;
    String value = labels.get(asked);
    if (value == null || answered.isEmpty() || answered.contains(asked + "=" + value)) {
      return labels;
    }
    Map<String, String> unanswered = new HashMap<>(labels);
    unanswered.put(Injection.NAMESPACE_LABEL, "disabled");
    return unanswered;
  }
}
