// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.mtlsmigration.kubernetes.fields.StoredJson;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The clients of one API server. Opening it makes no call: a server that is down is not an error
 * here, and callers retry.
 *
 * <p>The environment variables and system properties of fabric8 are ignored: the settings in the
 * log are the settings in use.
 */
public final class ClusterConnection implements AutoCloseable {

  /**
   * The maximum number of concurrent calls; further calls wait, so that a large mesh does not flood
   * its API server.
   */
  private static final int MAX_REQUESTS = 64;

  /**
   * The number of retries, after 0.2, 0.4 and 0.8 s, of a call that got 429 or 5xx or whose
   * connection broke. fabric8's default of ten retries takes minutes, in which a caller's decision
   * grows old.
   */
  private static final int RETRIES = 3;

  private static final Duration FIRST_RETRY = Duration.ofMillis(200);

  /** The API server sends a bookmark once a minute, but none of kinds that nobody changes. */
  private static final Duration WATCH_SILENCE = Duration.ofSeconds(90);

  private final Config config;
  private final Vertx vertx;
  private final KubernetesClient client;
  private final String description;
  private final String ownNamespace;

  private ClusterConnection(Config config, Vertx vertx, String description, String ownNamespace) {
    this.config = config;
    this.vertx = vertx;
    this.client = client(config, Duration.ZERO);
    this.description = description;
    this.ownNamespace = ownNamespace;
  }

  /**
   * Creates the clients; makes no call.
   *
   * @param ticker nanoseconds that only go forward, such as {@code System::nanoTime}
   * @param vertx makes the calls; the caller closes it
   * @throws ConnectionException naming the missing or wrong setting
   */
  public static ClusterConnection open(
      ConnectionOptions options, LongSupplier ticker, Vertx vertx) {
    return switch (options.location()) {
      case ClusterLocation.InPod pod -> inPod(pod, options, ticker, vertx);
      case ClusterLocation.Kubeconfig kubeconfig -> kubeconfig(kubeconfig, options, ticker, vertx);
    };
  }

  private static ClusterConnection inPod(
      ClusterLocation.InPod pod, ConnectionOptions options, LongSupplier ticker, Vertx vertx) {
    Path tokenFile = pod.serviceAccount().resolve("token");
    String token = read(tokenFile);
    if (token == null) {
      throw new ConnectionException(
          "the service account's token cannot be read: "
              + tokenFile
              + " (is automountServiceAccountToken off?)");
    }
    Config config = Config.empty();
    config.setMasterUrl(pod.server());
    Path authority = pod.serviceAccount().resolve("ca.crt");
    if (Files.isReadable(authority)) {
      config.setCaCertFile(authority.toString());
    }
    config.setOauthTokenProvider(new RenewedToken(token, () -> read(tokenFile), ticker));
    String own = read(pod.serviceAccount().resolve("namespace"));
    return new ClusterConnection(
        tuned(config, options),
        vertx,
        pod.server() + " as the pod's service account",
        namespace(options, own));
  }

  private static ClusterConnection kubeconfig(
      ClusterLocation.Kubeconfig location,
      ConnectionOptions options,
      LongSupplier ticker,
      Vertx vertx) {
    Config config = Kubeconfigs.read(location);
    String token = config.getAutoOAuthToken();
    if (token != null && config.getAuthProvider() == null) {
      // fabric8 would look for the user in the context's file only, but it may be in another one.
      Supplier<@Nullable String> again = () -> Kubeconfigs.read(location).getAutoOAuthToken();
      config.setOauthTokenProvider(new RenewedToken(token, again, ticker));
    }
    return new ClusterConnection(
        tuned(config, options),
        vertx,
        config.getMasterUrl() + " by " + Kubeconfigs.describe(location, config),
        namespace(options, null));
  }

  private static String namespace(ConnectionOptions options, @Nullable String ofServiceAccount) {
    String configured = options.ownNamespace();
    if (configured != null) {
      return configured;
    }
    return ofServiceAccount == null ? ConnectionOptions.DEFAULT_NAMESPACE : ofServiceAccount;
  }

  private static Config tuned(Config config, ConnectionOptions options) {
    return new ConfigBuilder(config)
        .withUserAgent("mtls-migration/" + options.version())
        .withConnectionTimeout((int) options.connectTimeout().toMillis())
        .withRequestTimeout((int) options.requestTimeout().toMillis())
        .withRequestRetryBackoffLimit(RETRIES)
        .withRequestRetryBackoffInterval((int) FIRST_RETRY.toMillis())
        .withMaxConcurrentRequests(MAX_REQUESTS)
        .withMaxConcurrentRequestsPerHost(MAX_REQUESTS)
        .build();
  }

  /** Returns the file's content without surrounding white space; null when missing or empty. */
  private static @Nullable String read(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.isEmpty() ? null : text;
    } catch (IOException e) {
      return null;
    }
  }

  public KubernetesClient client() {
    return client;
  }

  /**
   * Returns a client that reads names of any length: those in objects are their owner's choice. It
   * looks up no kinds by name: a native binary has only those that are used here, and a look-up of
   * all ends at the first that it has not. What is read as a kind says so; the one exception is how
   * a watch ends.
   */
  private KubernetesClient client(Config config, Duration silence) {
    KubernetesSerialization json = new KubernetesSerialization(StoredJson.mapper(), false);
    json.registerKubernetesResource(Status.class);
    return LosslessHttpClient.kubernetesClient(config, json, vertx, silence);
  }

  /**
   * Returns another client of the same server, for watches alone: one that has said nothing for
   * some minutes is begun again. The caller closes it.
   */
  public KubernetesClient watchingClient() {
    return client(config, WATCH_SILENCE);
  }

  /**
   * Returns another client of the same server, with an early timeout and no retries, for callers
   * that retry against a deadline of their own. The caller closes it.
   */
  public KubernetesClient impatientClient(Duration requestTimeout) {
    Config impatient =
        new ConfigBuilder(config)
            .withRequestTimeout((int) requestTimeout.toMillis())
            .withConnectionTimeout((int) requestTimeout.toMillis())
            .withRequestRetryBackoffLimit(0)
            .build();
    return client(impatient, Duration.ZERO);
  }

  /** Returns a description for people: the server, and where its address was configured. */
  public String description() {
    return description;
  }

  /** Returns the namespace that the service keeps its records in. */
  public String ownNamespace() {
    return ownNamespace;
  }

  @Override
  public void close() {
    client.close();
  }
}
