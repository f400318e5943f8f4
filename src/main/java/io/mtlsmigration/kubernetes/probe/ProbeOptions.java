package io.mtlsmigration.kubernetes.probe;

/**
 * How probes are made.
 *
 * @param container the container with curl; where a pod has none of that name, the one that {@code
 *     kubectl exec} would take (annotation {@code kubectl.kubernetes.io/default-container}), else
 *     its first that is not Istio's
 * @param tcpPorts whether ports that speak neither HTTP nor HTTPS are probed: each probe leaves a
 *     few blank lines with the server, which may log them
 */
public record ProbeOptions(String container, boolean tcpPorts) {

  public static final ProbeOptions DEFAULT = new ProbeOptions("curl", true);
}
