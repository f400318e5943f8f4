// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Map;
import java.util.Set;

/**
 * Determines whether Istio's webhook would inject a sidecar into a pod.
 *
 * <p>Two steps, as in Istio: the API server matches the selectors of the webhook's configuration
 * (charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml and its revision tags), then
 * the webhook checks the pod ({@code injectRequired} in pkg/kube/inject/inject.go, with the default
 * policy {@code enabled}). Every revision that a label names is assumed to be installed; {@link
 * Injectors} knows better.
 */
public final class Injection {

  public static final String NAMESPACE_LABEL = "istio-injection";
  public static final String REVISION_LABEL = "istio.io/rev";
  private static final String DATAPLANE_MODE = "istio.io/dataplane-mode";
  public static final String POD_SWITCH = "sidecar.istio.io/inject";

  /** The labels of a namespace that is injected. */
  public static final Map<String, String> ENABLED = Map.of(NAMESPACE_LABEL, "enabled");

  /** {@code IgnoredNamespaces} in pkg/kube/inject/initializer.go. */
  private static final Set<String> IGNORED =
      Set.of("kube-system", "kube-public", "kube-node-lease", "local-path-storage");

  private Injection() {}

  /** Returns whether no pod of a namespace is ever injected, whatever labels say. */
  public static boolean ignores(String namespace) {
    return IGNORED.contains(namespace);
  }

  public static boolean happens(
      String namespace,
      Map<String, String> namespaceLabels,
      Map<String, String> podLabels,
      Map<String, String> podAnnotations,
      boolean hostNetwork) {
    return selected(namespaceLabels, podLabels)
        && !hostNetwork
        && !ignores(namespace)
        && !"false".equals(podLabels.getOrDefault(POD_SWITCH, podAnnotations.get(POD_SWITCH)));
  }

  /** Returns the data plane of a pod that is created so: a gateway's template is a SIDECAR here. */
  public static DataPlane dataPlane(
      String namespace,
      Map<String, String> namespaceLabels,
      Map<String, String> podLabels,
      Map<String, String> podAnnotations,
      boolean hostNetwork) {
    if (happens(namespace, namespaceLabels, podLabels, podAnnotations, hostNetwork)) {
      return DataPlane.SIDECAR;
    }
    return !hostNetwork && ambient(namespaceLabels, podLabels) ? DataPlane.AMBIENT : DataPlane.NONE;
  }

  /** Returns true when labels request ambient capture; a pod's own override its namespace's. */
  public static boolean ambient(Map<String, String> namespaceLabels, Map<String, String> labels) {
    return "ambient"
        .equals(labels.getOrDefault(DATAPLANE_MODE, namespaceLabels.get(DATAPLANE_MODE)));
  }

  private static boolean selected(Map<String, String> namespace, Map<String, String> pod) {
    if (namespace.containsKey(NAMESPACE_LABEL)) {
      return "enabled".equals(namespace.get(NAMESPACE_LABEL))
          && !"false".equals(pod.get(POD_SWITCH));
    }
    if (namespace.containsKey(REVISION_LABEL) || pod.containsKey(REVISION_LABEL)) {
      return !"false".equals(pod.get(POD_SWITCH));
    }
    return "true".equals(pod.get(POD_SWITCH));
  }
}
