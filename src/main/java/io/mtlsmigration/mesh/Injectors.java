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

  /** The labels by which Istio is asked; other distributions select namespaces by their own. */
  private static final Set<String> ASKS =
      Set.of(Injection.NAMESPACE_LABEL, Injection.REVISION_LABEL);

  private final Set<String> answered = new HashSet<>();

  private Injectors() {}

  /** Of a mesh; where no webhook is known, as in manifests, all are taken for installed. */
  public static Injectors of(MeshSnapshot snapshot) {
    Injectors injectors = new Injectors();
    for (OtherObject object : snapshot.clusterObjects()) {
      if (object instanceof ApiServerCalls calls) {
        calls.injects().stream()
            .filter(label -> ASKS.contains(label.substring(0, label.indexOf('='))))
            .forEach(injectors.answered::add);
      }
    }
    return injectors;
  }

  /**
   * Returns the labels of a namespace as {@link Injection} has to take them for a pod. What asks by
   * a label of the pod alone is answered by the same webhooks: without a revision, by the default.
   */
  public Map<String, String> labels(NamespaceFacts facts, Map<String, String> pod) {
    Map<String, String> labels = facts.labels();
    if (answered.isEmpty() || answered.contains(asked(labels, pod))) {
      return labels;
    }
    Map<String, String> unanswered = new HashMap<>(labels);
    unanswered.put(Injection.NAMESPACE_LABEL, "disabled");
    return unanswered;
  }

  private static String asked(Map<String, String> namespace, Map<String, String> pod) {
    String switched = namespace.get(Injection.NAMESPACE_LABEL);
    String revision =
        namespace.getOrDefault(Injection.REVISION_LABEL, pod.get(Injection.REVISION_LABEL));
    return switched == null && revision != null
        ? Injection.REVISION_LABEL + "=" + revision
        : Injection.NAMESPACE_LABEL + "=" + (switched == null ? "enabled" : switched);
  }
}
