package io.mtlsmigration.kubernetes.probe;

import java.util.Set;

/**
 * How agents are placed.
 *
 * @param image has curl and {@code sleep}; resolved by the nodes as any pod's is
 * @param namespaces where agents may be; empty = anywhere, which takes cluster-wide permissions
 * @param instance marks what is ours, a DNS label; installations that share a cluster differ in it
 */
public record AgentOptions(String image, Set<String> namespaces, String instance) {

  public static final String DEFAULT_IMAGE = "curlimages/curl:8.16.0";

  public AgentOptions {
    namespaces = Set.copyOf(namespaces);
    if (image.isBlank()) {
      throw new IllegalArgumentException(
          "mtls-migration.probes.agent-image: expected the name of an image with curl");
    }
  }
}
