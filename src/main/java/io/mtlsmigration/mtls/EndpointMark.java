package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Pod;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How istiod marks an endpoint, by which clients choose what to send to it. What is on the endpoint
 * counts, not what stands behind its address.
 *
 * @param namespace whose policies clients hold it against; of a written endpoint the ServiceEntry's
 * @param labels by which policies select it
 * @param tlsMode {@code istio}, {@code disabled}, or whatever the label says
 */
public record EndpointMark(String namespace, Map<String, String> labels, String tlsMode) {

  static final String ISTIO = "istio";
  static final String DISABLED = "disabled";

  public EndpointMark {
    labels = Map.copyOf(labels);
  }

  /** Of a pod; null when the address is none of a pod. */
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
