// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.mtlsmigration.kubernetes.ClusterConnection;
import io.mtlsmigration.kubernetes.ConnectionException;
import io.mtlsmigration.kubernetes.ConnectionOptions;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.spi.resolver.ResolverProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * This service as it runs in a cluster, reached from outside: a loopback port that leads to one of
 * its pods. Needs {@code list} on pods and {@code create} (or {@code get}, where WebSockets are
 * authorized by it) on {@code pods/portforward} in its namespace.
 *
 * <p>The API server's proxy is not used: it strips the caller's token from a request, and the
 * service could not authenticate the caller.
 */
public final class ForwardedService implements AutoCloseable {

  /** The label that all manifests of the service carry. */
  private static final String LABEL = "app.kubernetes.io/name";

  private static final String NAME = "mtls-migration";

  private static final int PORT = 8080;

  private final Vertx vertx;
  private final ClusterConnection connection;
  private final LocalPortForward way;
  private final String description;

  private ForwardedService(
      Vertx vertx, ClusterConnection connection, LocalPortForward way, String description) {
    this.vertx = vertx;
    this.connection = connection;
    this.way = way;
    this.description = description;
  }

  /**
   * Finds a ready pod and listens.
   *
   * @throws IOException naming what is missing in the kubeconfig or in the cluster
   */
  public static ForwardedService open(ConnectionOptions options, LongSupplier ticker)
      throws IOException {
    Vertx vertx = vertx();
    try {
      return listen(vertx, ClusterConnection.open(options, ticker, vertx));
    } catch (ConnectionException e) {
      vertx.close();
      throw new IOException(e.getMessage(), e);
    } catch (IOException | RuntimeException | Error e) {
      vertx.close();
      throw e;
    }
  }

  /** Returns one that asks the JVM for addresses, as the rest of a command does. */
  private static Vertx vertx() {
    System.setProperty(ResolverProvider.DISABLE_DNS_RESOLVER_PROP_NAME, "true");
    return Vertx.vertx(
        new VertxOptions()
            .setUseDaemonThread(true)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false)));
  }

  private static ForwardedService listen(Vertx vertx, ClusterConnection connection)
      throws IOException {
    try {
      return listening(vertx, connection);
    } catch (KubernetesClientException e) {
      connection.close();
      throw new IOException(
          connection.description() + ": " + reason(e, connection.ownNamespace()), e);
    } catch (IOException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  private static ForwardedService listening(Vertx vertx, ClusterConnection connection)
      throws IOException {
    KubernetesClient client = connection.client();
    Pod pod =
        client
            .pods()
            .inNamespace(connection.ownNamespace())
            .withLabel(LABEL, NAME)
            .list()
            .getItems()
            .stream()
            .filter(Readiness::isPodReady)
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        "%s: no pod labelled %s=%s is ready in namespace %s"
                            .formatted(
                                connection.description(), LABEL, NAME, connection.ownNamespace())));
    LocalPortForward way =
        client.pods().resource(pod).portForward(port(pod), InetAddress.getLoopbackAddress(), 0);
    return new ForwardedService(
        vertx,
        connection,
        way,
        "pod %s/%s of %s"
            .formatted(
                connection.ownNamespace(), pod.getMetadata().getName(), connection.description()));
  }

  private static int port(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> "http".equals(port.getName()))
        .map(ContainerPort::getContainerPort)
        .findFirst()
        .orElse(PORT);
  }

  private static String reason(KubernetesClientException e, String namespace) {
    return switch (e.getCode()) {
      case 401 -> "the API server does not take the kubeconfig's credentials";
      case 403 -> "you may not list pods in namespace " + namespace;
      case 0, -1 -> rootMessage(e); // no answer
      default -> "the API server answers " + e.getCode();
    };
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** Returns the loopback address, without a path. */
  public URI address() {
    InetAddress local = way.getLocalAddress();
    String host = local.getHostAddress();
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + way.getLocalPort());
  }

  /** Returns the kubeconfig's token; a port-forward does not pass on a client certificate. */
  public Optional<String> token() {
    Config config = connection.client().getConfiguration();
    return Optional.ofNullable(config.getOauthTokenProvider())
        .map(provider -> provider.getToken())
        .or(() -> Optional.ofNullable(config.getAutoOAuthToken()));
  }

  /** Returns the pod, the cluster and where its address was configured, for people. */
  public String description() {
    return description;
  }

  /** Returns the first error of forwarding; empty when there was none. */
  public String problem() {
    return Stream.of(way.getServerThrowables(), way.getClientThrowables())
        .map(List::copyOf)
        .flatMap(Collection::stream)
        .map(ForwardedService::rootMessage)
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() {
    try {
      way.close();
    } catch (IOException e) {
      // Closing the connection ends it too.
    } finally {
      connection.close();
      vertx.close();
    }
  }
}
