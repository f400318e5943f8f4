// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.api.model.NamedCluster;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.internal.KubeConfigUtils;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.mtlsmigration.kubernetes.fields.StoredJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads kubeconfig files as kubectl does, and rejects what kubectl would reject: fabric8 itself
 * replaces a missing context by another one, and a missing cluster by {@code
 * kubernetes.default.svc}.
 */
final class Kubeconfigs {

  private Kubeconfigs() {}

  /**
   * Reads the files and returns the client configuration of their context.
   *
   * @throws ConnectionException naming the file or entry that is missing or wrong
   */
  static Config read(ClusterLocation.Kubeconfig location) {
    List<io.fabric8.kubernetes.api.model.Config> files = parse(location.files());
    String wanted = context(location, files);
    NamedContext context =
        find(files, c -> c.getContexts(), c -> wanted.equals(c.getName()) && c.getContext() != null)
            .orElseThrow(
                () ->
                    wrong(
                        location,
                        "there is no context \"" + wanted + "\"; there are: " + names(files)));
    checkCluster(location, files, context);
    checkUser(location, files, context);
    Config config = Config.empty();
    try {
      KubeConfigUtils.merge(
          config, wanted, files.toArray(io.fabric8.kubernetes.api.model.Config[]::new));
    } catch (KubernetesClientException e) {
      // A credential plugin could not be started.
      throw wrong(location, String.valueOf(rootMessage(e)));
    }
    checkFiles(location, config);
    return config;
  }

  /** Returns {@code context NAME of FILE}, for people. */
  static String describe(ClusterLocation.Kubeconfig location, Config config) {
    NamedContext context = config.getCurrentContext();
    return "context "
        + (context == null ? "?" : context.getName())
        + " of "
        + location.files().stream()
            .filter(Files::isRegularFile)
            .map(Path::toString)
            .collect(Collectors.joining(java.io.File.pathSeparator));
  }

  private static List<io.fabric8.kubernetes.api.model.Config> parse(List<Path> paths) {
    List<io.fabric8.kubernetes.api.model.Config> parsed = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isRegularFile(path)) {
        parsed.add(parse(path));
      }
    }
    if (parsed.isEmpty()) {
      throw new ConnectionException(
          "there is no kubeconfig at "
              + paths.stream().map(Path::toString).collect(Collectors.joining(", ")));
    }
    return parsed;
  }

  /** Not by {@link KubeConfigUtils}, which looks up all kinds by name, like a client's default. */
  private static io.fabric8.kubernetes.api.model.Config parse(Path path) {
    try {
      String text = Files.readString(path);
      return text.isBlank()
          ? new io.fabric8.kubernetes.api.model.Config()
          : new KubernetesSerialization(StoredJson.mapper(), false)
              .unmarshal(text, io.fabric8.kubernetes.api.model.Config.class);
    } catch (IOException | KubernetesClientException e) {
      throw new ConnectionException(path + " is not a kubeconfig: " + rootMessage(e));
    }
  }

  private static String context(
      ClusterLocation.Kubeconfig location, List<io.fabric8.kubernetes.api.model.Config> files) {
    String asked = location.context();
    if (asked != null) {
      return asked;
    }
    return files.stream()
        .map(io.fabric8.kubernetes.api.model.Config::getCurrentContext)
        .filter(name -> name != null && !name.isBlank())
        .findFirst()
        .orElseThrow(
            () -> wrong(location, "it names no current-context; there are: " + names(files)));
  }

  private static void checkCluster(
      ClusterLocation.Kubeconfig location,
      List<io.fabric8.kubernetes.api.model.Config> files,
      NamedContext context) {
    String name = context.getContext().getCluster();
    NamedCluster cluster =
        find(files, c -> c.getClusters(), c -> c.getCluster() != null && c.getName().equals(name))
            .orElseThrow(
                () ->
                    wrong(
                        location,
                        "context \"" + context.getName() + "\" names no known cluster: " + name));
    String server = cluster.getCluster().getServer();
    if (server == null || server.isBlank()) {
      throw wrong(location, "cluster \"" + name + "\" names no server");
    }
  }

  private static void checkUser(
      ClusterLocation.Kubeconfig location,
      List<io.fabric8.kubernetes.api.model.Config> files,
      NamedContext context) {
    String name = context.getContext().getUser();
    // A context without a user means calls without credentials, which the API server judges.
    if (name == null || name.isEmpty()) {
      return;
    }
    Stream<NamedAuthInfo> users =
        files.stream().flatMap(c -> c.getUsers() == null ? Stream.of() : c.getUsers().stream());
    if (users.noneMatch(u -> name.equals(u.getName()))) {
      throw wrong(location, "context \"" + context.getName() + "\" names no known user: " + name);
    }
  }

  private static void checkFiles(ClusterLocation.Kubeconfig location, Config config) {
    for (String file :
        new String[] {
          config.getCaCertFile(), config.getClientCertFile(), config.getClientKeyFile()
        }) {
      if (file != null && !Files.isReadable(Path.of(file))) {
        throw wrong(location, "it names the file " + file + ", which cannot be read");
      }
    }
  }

  private static <T> java.util.Optional<T> find(
      List<io.fabric8.kubernetes.api.model.Config> files,
      Function<io.fabric8.kubernetes.api.model.Config, @Nullable List<T>> entries,
      java.util.function.Predicate<T> wanted) {
    return files.stream()
        .map(entries)
        .filter(Objects::nonNull)
        .flatMap(List::stream)
        .filter(wanted)
        .findFirst();
  }

  private static String names(List<io.fabric8.kubernetes.api.model.Config> files) {
    String names =
        files.stream()
            .flatMap(c -> c.getContexts() == null ? Stream.of() : c.getContexts().stream())
            .map(NamedContext::getName)
            .distinct()
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none" : names;
  }

  private static ConnectionException wrong(ClusterLocation.Kubeconfig location, String problem) {
    return new ConnectionException(
        location.files().stream()
                .filter(Files::isRegularFile)
                .map(Path::toString)
                .collect(Collectors.joining(java.io.File.pathSeparator))
            + ": "
            + problem);
  }

  private static @Nullable String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null
        ? root.getClass().getSimpleName()
        : message.lines().findFirst().orElse("");
  }
}
