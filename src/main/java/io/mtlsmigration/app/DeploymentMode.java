package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.ClusterLocation;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the service runs. Decided once, at the start, by what was configured and by what is there.
 */
sealed interface DeploymentMode {

  String MODE = "mtls-migration.cluster.mode";
  String KUBECONFIG = "mtls-migration.cluster.kubeconfig";
  String CONTEXT = "mtls-migration.cluster.context";

  /** The embedded sandbox: no cluster is called. */
  record Sandbox() implements DeploymentMode {}

  /** A real cluster. */
  record Cluster(ClusterLocation location) implements DeploymentMode {}

  /** What may be asked for. */
  enum Mode {
    /** A cluster when one is named or this is a pod, else the sandbox. */
    AUTO,
    SANDBOX,
    CLUSTER
  }

  /**
   * Decides.
   *
   * @param config of one key; empty when it is not set
   * @throws IllegalArgumentException naming the key that is wrong
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
    // A context is of a kubeconfig; whoever names one does not mean the pod's own cluster.
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
