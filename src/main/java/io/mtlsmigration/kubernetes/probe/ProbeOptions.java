// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

/**
 * Options for probes.
 *
 * @param container the container with curl; where a pod has none of that name, the one that {@code
 *     kubectl exec} would use (annotation {@code kubectl.kubernetes.io/default-container}), else
 *     its first that is not Istio's
 * @param tcpPorts whether ports that speak neither HTTP nor HTTPS are probed: each probe sends the
 *     server a few blank lines, which it may log
 */
public record ProbeOptions(String container, boolean tcpPorts) {

  public static final ProbeOptions DEFAULT = new ProbeOptions("curl", true);
}
