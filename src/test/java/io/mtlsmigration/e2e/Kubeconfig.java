// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A kubeconfig file for one caller, as kubectl and the service read it. */
public record Kubeconfig(Path file) {

  static Kubeconfig write(Path file, String server, Path authority, String token) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(
          file,
          """
          apiVersion: v1
          kind: Config
          clusters:
          - name: e2e
            cluster:
              server: %s
              certificate-authority: %s
          users:
          - name: caller
            user:
              token: %s
          contexts:
          - name: e2e
            context:
              cluster: e2e
              user: caller
          current-context: e2e
          """
              .formatted(server, authority.toAbsolutePath(), token));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Kubeconfig(file.toAbsolutePath());
  }

  /** A client of its own; the caller closes it. */
  public KubernetesClient client() {
    // Nothing that this machine's environment says may get in.
    Config config =
        new ConfigBuilder(Config.fromKubeconfig(file.toFile()))
            .withRequestRetryBackoffLimit(0)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  public Kubectl kubectl() {
    return new Kubectl(file);
  }
}
