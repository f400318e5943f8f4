// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What lasts lets the gate go on; anything else holds it. */
final class ConnectionListerTest {

  private static final Pod POD = MeshBuilders.sidecarPod("httpbin").build("foo");

  @ParameterizedTest
  @CsvSource({"403, true", "422, true", "400, true", "429, false", "404, false", "500, false"})
  void tellsWhichRefusalsOfExecLast(int status, boolean lasts) throws IOException {
    try (Api api = new Api(status);
        ConnectionLister lister = new ConnectionLister(api.client, "curl")) {
      Listing listing = lister.list(POD, Set.of("x"));

      assertEquals(lasts, ((Listing.None) listing).lasting(), listing.toString());
    }
  }

  /** The proxy has no curl: which container might, the API server has to say. */
  @ParameterizedTest
  @CsvSource({"403, true", "404, false", "500, false"})
  void tellsWhichFailuresToFindAnotherContainerLast(int status, boolean lasts) throws IOException {
    try (Api api = new Api(status)) {
      ClientContainers.Choice choice = new ClientContainers(api.client, "curl").of(POD);

      assertEquals(lasts, ((ClientContainers.Choice.None) choice).lasting(), choice.toString());
    }
  }

  /** Answers everything with one status. */
  private static final class Api implements AutoCloseable {
    private final HttpServer server;
    private final KubernetesClient client;

    Api(int status) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          call -> {
            call.sendResponseHeaders(status, -1);
            call.close();
          });
      server.start();
      client = client(server.getAddress().getPort());
    }

    @Override
    public void close() {
      client.close();
      server.stop(0);
    }
  }

  private static KubernetesClient client(int port) {
    return new KubernetesClientBuilder()
        .withConfig(
            new ConfigBuilder()
                .withAutoConfigure(false)
                .withMasterUrl("http://127.0.0.1:" + port)
                .withRequestRetryBackoffLimit(0)
                .build())
        .build();
  }
}
