// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Pod;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of an endpoint from istiod, by which clients choose what to send to it. The
 * endpoint's metadata counts, not the pod behind its address.
 *
 * @param namespace the namespace whose policies clients apply; for an explicit endpoint the
 *     ServiceEntry's
 * @param labels the labels by which policies select it
 * @param tlsMode {@code istio}, {@code disabled}, or any other value of the label
 */
public record EndpointMark(String namespace, Map<String, String> labels, String tlsMode) {

  static final String ISTIO = "istio";
  static final String DISABLED = "disabled";

  public EndpointMark {
    labels = Map.copyOf(labels);
  }

  /** Returns the mark of a pod; null when the address belongs to no pod. */
  static EndpointMark of(@Nullable Pod pod) {
    return pod == null
        ? new EndpointMark("", Map.of(), DISABLED)
        : new EndpointMark(
            pod.namespace(), pod.labels(), pod.labels().getOrDefault(Pod.TLS_MODE_LABEL, DISABLED));
  }

  public boolean announcesIstioTls() {
    return tlsMode.equals(ISTIO);
  }

  boolean declinesTls() {
    return tlsMode.equals(DISABLED);
  }
}
