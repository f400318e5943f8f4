// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.testing;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.mtlsmigration.kubernetes.LosslessHttpClient;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;

/** Clients of API servers on loopback, as the service makes them. */
public final class ApiClients {

  /** The event loops of all of them. */
  public static final Vertx VERTX = Vertx.vertx(new VertxOptions().setUseDaemonThread(true));

  private ApiClients() {}

  /** Returns a client that repeats no call. */
  public static KubernetesClient of(String url) {
    return of(url, Duration.ZERO);
  }

  /** The same, which takes a connection for lost that has been silent for so long. */
  public static KubernetesClient of(String url, Duration silence) {
    return LosslessHttpClient.kubernetesClient(
        new ConfigBuilder()
            .withAutoConfigure(false)
            .withMasterUrl(url)
            .withRequestRetryBackoffLimit(0)
            .build(),
        new KubernetesSerialization(),
        VERTX,
        silence);
  }

  public static KubernetesClient of(int port) {
    return of("http://127.0.0.1:" + port);
  }
}
