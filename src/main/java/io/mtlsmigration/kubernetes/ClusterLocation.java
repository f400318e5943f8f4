package io.mtlsmigration.kubernetes;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the API server is, and who we are to it. Closed: a cluster is never guessed. */
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
   * What kubectl would use.
   *
   * @param files merged by kubectl's rules: the first to set a value wins, missing ones are passed
   *     over, but one has to be there
   * @param context null for the current context
   */
  record Kubeconfig(List<Path> files, @Nullable String context) implements ClusterLocation {
    public Kubeconfig {
      files = List.copyOf(files);
    }
  }
}
