// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import java.util.OptionalLong;
import java.util.Set;

/**
 * Options for placing agents.
 *
 * @param image has curl and {@code sleep}; resolved by the nodes like any pod's image
 * @param namespaces where agents are allowed; empty = anywhere, which needs cluster-wide
 *     permissions
 * @param user the user id of agents, any but Istio's 1337, whose traffic no sidecar captures; empty
 *     where the cluster chooses it, as OpenShift does
 * @param instance a DNS label that marks our objects; installations that share a cluster differ in
 *     it
 */
public record AgentOptions(
    String image, Set<String> namespaces, OptionalLong user, String instance) {

  public static final String DEFAULT_IMAGE = "curlimages/curl:8.16.0";

  public AgentOptions {
    namespaces = Set.copyOf(namespaces);
    if (image.isBlank()) {
      throw new IllegalArgumentException(
          "mtls-migration.probes.agent-image: expected the name of an image with curl");
    }
  }
}
