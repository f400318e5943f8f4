// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static java.util.stream.Collectors.joining;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The environment of the process, apart from its configuration.
 *
 * @param home of the user, where kubectl keeps its configuration
 * @param serviceAccount folder that the kubelet mounts into a pod
 */
record Environment(Map<String, String> variables, Path home, Path serviceAccount) {

  private static final Path SERVICE_ACCOUNT =
      Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

  Environment {
    variables = Map.copyOf(variables);
  }

  static Environment ofProcess() {
    return new Environment(
        System.getenv(), Path.of(System.getProperty("user.home", "")), SERVICE_ACCOUNT);
  }

  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  /**
   * Returns the API server's URL in a pod's environment. Variables alone prove nothing, since every
   * child process of a pod inherits them; with a service account's token it is a pod that may call.
   */
  Optional<String> serverOfPod() {
    return variable("KUBERNETES_SERVICE_HOST")
        .filter(host -> Files.isReadable(serviceAccount.resolve("token")))
        .map(
            host ->
                "https://"
                    + (host.contains(":") ? "[" + host + "]" : host)
                    + ":"
                    + variable("KUBERNETES_SERVICE_PORT").orElse("443"));
  }

  /**
   * Returns a name that no other process has, not even a later one in this pod: two processes with
   * one name would both lead.
   */
  String processIdentity() {
    return variable("HOSTNAME").orElse("process") + "_" + UUID.randomUUID();
  }

  /**
   * Returns the address where other replicas reach this one; empty outside of a pod, and where
   * {@code POD_IP} is not set.
   */
  Optional<String> addressOfPod() {
    return variable("POD_IP")
        .map(ip -> "https://" + (ip.contains(":") ? "[" + ip + "]" : ip) + ":8443");
  }

  /**
   * Returns the files that kubectl reads: {@code $KUBECONFIG}, which may be a list, else {@code
   * ~/.kube/config}.
   */
  List<Path> kubeconfig() {
    return variable("KUBECONFIG")
        .map(Environment::paths)
        .orElseGet(() -> List.of(home.resolve(".kube").resolve("config")));
  }

  /** Returns the kubeconfig files as one text. */
  String kubeconfigList() {
    return kubeconfig().stream().map(Path::toString).collect(joining(File.pathSeparator));
  }

  /** Splits a list as in {@code $KUBECONFIG}; empty names are ignored. */
  static List<Path> paths(String list) {
    return Arrays.stream(list.split(File.pathSeparator, -1))
        .filter(name -> !name.isBlank())
        .map(Path::of)
        .toList();
  }
}
