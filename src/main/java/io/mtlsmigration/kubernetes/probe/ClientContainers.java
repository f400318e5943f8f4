// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.mtlsmigration.mesh.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the container of a client pod to run curl in; a pod's containers never change. */
final class ClientContainers {

  /** The size of the cache. Client pods are few, and an evicted one costs one request. */
  private static final int MOST = 4096;

  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
  private static final String PROXY = "istio-proxy";

  private final KubernetesClient client;
  private final String preferred;
  private final Map<String, String> byUid =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MOST;
        }
      };

  ClientContainers(KubernetesClient client, String preferred) {
    this.client = client;
    this.preferred = preferred;
  }

  /** A container, or the reason why there is none. */
  sealed interface Choice {
    record Found(String container) implements Choice {}

    /**
     * There is none.
     *
     * @param lasting whether that stays so until somebody changes something
     */
    record None(String reason, boolean lasting) implements Choice {}
  }

  /** Returns the container, asking the API server once for each pod. */
  Choice of(Pod pod) {
    String known = known(pod.uid());
    if (known != null) {
      return new Choice.Found(known);
    }
    try {
      var read = client.pods().inNamespace(pod.namespace()).withName(pod.name()).get();
      if (read == null) {
        return new Choice.None("pod " + pod.name() + " is gone", false);
      }
      String container =
          container(preferred, read.getSpec().getContainers(), read.getMetadata().getAnnotations());
      if (container == null) {
        return new Choice.None("pod " + pod.name() + " has no container to run curl in", true);
      }
      remember(pod.uid(), container);
      return new Choice.Found(container);
    } catch (KubernetesClientException e) {
      boolean forbidden = e.getCode() == 403;
      return new Choice.None(
          forbidden
              ? "not allowed to get pods in namespace " + pod.namespace()
              : "the API server does not tell of pod " + pod.name() + ": " + e.getMessage(),
          forbidden);
    }
  }

  static @Nullable String container(
      String preferred, List<Container> containers, @Nullable Map<String, String> annotations) {
    // From the proxy's container curl would call past the proxy, in plaintext.
    List<String> names =
        containers.stream().map(Container::getName).filter(name -> !name.equals(PROXY)).toList();
    if (names.contains(preferred)) {
      return preferred;
    }
    String usual = annotations == null ? null : annotations.get(DEFAULT_CONTAINER);
    return usual != null && names.contains(usual) ? usual : names.stream().findFirst().orElse(null);
  }

  private @Nullable String known(String uid) {
    synchronized (byUid) {
      return byUid.get(uid);
    }
  }

  private void remember(String uid, String container) {
    synchronized (byUid) {
      byUid.put(uid, container);
    }
  }
}
