// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stands in for a node, reached through the real API server. */
final class StandInE2E {

  @RegisterExtension static final TestCluster CLUSTER = TestCluster.withIstio().withTask();

  /** How curl ends, and the status it has printed. */
  private record Answer(int exit, String status) {}

  @Test
  void answersCurlAsTheTaskShowsIt() throws Exception {
    Answer permissive = curl("legacy", "foo");

    CLUSTER
        .kubectl()
        .apply(
            """
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata:
              name: default
              namespace: foo
            spec:
              mtls:
                mode: STRICT
            """);

    assertEquals(new Answer(0, "200"), permissive);
    assertEquals(new Answer(56, "000"), curl("legacy", "foo"));
    assertEquals(new Answer(0, "200"), curl("bar", "foo"));
    assertEquals(new Answer(0, "200"), curl("legacy", "bar"));
  }

  @Test
  void reachesIstiodByPortForward() throws Exception {
    try (LocalPortForward way =
            CLUSTER
                .admin()
                .pods()
                .inNamespace("istio-system")
                .withName(pod("istio-system", "istiod"))
                .portForward(15014);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + way.getLocalPort() + "/debug/syncz"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertTrue(answer.body().contains(pod("foo", "httpbin") + ".foo"), answer.body());
    }
  }

  @Test
  void givesServicesTheirEndpoints() {
    String ready =
        CLUSTER
            .kubectl()
            .ok(
                "get",
                "endpointslices",
                "-n",
                "foo",
                "-o=jsonpath={.items[*].endpoints[*].conditions.ready}");

    assertEquals("true", ready);
  }

  /** Asked again when the connection was closed before the client had read how curl ended. */
  private static Answer curl(String from, String to) throws Exception {
    Answer answer = null;
    for (int i = 0; answer == null && i < 5; i++) {
      answer = exec(from, to);
    }
    return answer;
  }

  private static Answer exec(String from, String to) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ExecWatch exec =
        CLUSTER
            .admin()
            .pods()
            .inNamespace(from)
            .withName(pod(from, "curl"))
            .inContainer("curl")
            .writingOutput(out)
            .exec("curl", "http://httpbin." + to + ":8000/ip", "-w", "%{http_code}")) {
      Integer exit = exec.exitCode().get(20, TimeUnit.SECONDS);
      return exit == null ? null : new Answer(exit, out.toString(StandardCharsets.UTF_8));
    }
  }

  private static String pod(String namespace, String app) {
    Pod pod =
        CLUSTER
            .admin()
            .pods()
            .inNamespace(namespace)
            .withLabel("app", app)
            .list()
            .getItems()
            .get(0);
    return pod.getMetadata().getName();
  }
}
