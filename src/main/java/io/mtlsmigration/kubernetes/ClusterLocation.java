// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The location of the API server and the identity used there. There is no default: a cluster is
 * never guessed.
 */
public sealed interface ClusterLocation {

  /**
   * The cluster that this process runs in, as the pod's service account.
   *
   * @param server {@code https://host:port}
   * @param serviceAccount folder with {@code token}, {@code ca.crt} and {@code namespace}, which
   *     the kubelet keeps current
   */
  record InPod(String server, Path serviceAccount) implements ClusterLocation {}

  /**
   * The cluster that kubectl would use.
   *
   * @param files merged by kubectl's rules: the first file to set a value wins; missing files are
   *     skipped, but at least one must exist
   * @param context null for the current context
   */
  record Kubeconfig(List<Path> files, @Nullable String context) implements ClusterLocation {
    public Kubeconfig {
      files = List.copyOf(files);
    }
  }
}
