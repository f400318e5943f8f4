// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.ClusterLocation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The place where the service runs: the sandbox or a cluster. Decided once, at the start, by the
 * configuration and the environment.
 */
sealed interface DeploymentMode {

  String MODE = "mtls-migration.cluster.mode";
  String KUBECONFIG = "mtls-migration.cluster.kubeconfig";
  String CONTEXT = "mtls-migration.cluster.context";

  /** The embedded sandbox; it calls no cluster. */
  record Sandbox() implements DeploymentMode {}

  /** A real cluster. */
  record Cluster(ClusterLocation location) implements DeploymentMode {}

  /** The configurable modes. */
  enum Mode {
    /** A cluster when one is configured or this is a pod, else the sandbox. */
    AUTO,
    SANDBOX,
    CLUSTER
  }

  /**
   * Decides the mode.
   *
   * @param config returns the value of one key; empty when it is not set
   * @throws IllegalArgumentException naming the wrong key
   */
  static DeploymentMode decide(Function<String, Optional<String>> config, Environment environment) {
    Optional<List<java.nio.file.Path>> files = config.apply(KUBECONFIG).map(Environment::paths);
    Optional<String> context = config.apply(CONTEXT);
    boolean named = files.isPresent() || context.isPresent();
    boolean sandbox =
        switch (mode(config)) {
          case SANDBOX -> true;
          case CLUSTER -> false;
          case AUTO -> !named && environment.serverOfPod().isEmpty();
        };
    if (sandbox) {
      return new Sandbox();
    }
    // A context belongs to a kubeconfig, so this does not mean the pod's own cluster.
    return new Cluster(
        named
            ? kubeconfig(files, context, environment)
            : environment
                .serverOfPod()
                .<ClusterLocation>map(
                    server -> new ClusterLocation.InPod(server, environment.serviceAccount()))
                .orElseGet(() -> kubeconfig(files, context, environment)));
  }

  private static ClusterLocation kubeconfig(
      Optional<List<java.nio.file.Path>> files, Optional<String> context, Environment environment) {
    return new ClusterLocation.Kubeconfig(
        files.orElseGet(environment::kubeconfig), context.orElse(null));
  }

  private static Mode mode(Function<String, Optional<String>> config) {
    String mode = config.apply(MODE).orElse(Mode.AUTO.name());
    try {
      return Mode.valueOf(mode.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          MODE + ": expected auto, sandbox or cluster, got '" + mode + "'");
    }
  }
}
