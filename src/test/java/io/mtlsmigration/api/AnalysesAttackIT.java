// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** An analysis ends with the call that asked for it. */
@QuarkusTest
final class AnalysesAttackIT {

  /** No policy selects any pod, which takes a look at each pair to know: a minute's work. */
  private static final int OBJECTS = 10_000;

  private static final String POD =
      """
      {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"name": "p%d", "namespace": "a", "labels": {"app": "a"}}}\
      """;

  private static final String POLICY =
      """
      {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
       "metadata": {"name": "q%1$d", "namespace": "a"},
       "spec": {"selector": {"matchLabels": {"app": "a", "x": "%1$d"}}, "mtls": {"mode": "STRICT"}}}\
      """;

  @TestHTTPResource URI service;

  @Inject ApiLoad load;

  @Test
  void endsWhenItsCallerHangsUp() throws IOException, InterruptedException {
    String body =
        "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": ["
            + many(POD)
            + ","
            + many(POLICY)
            + "]}";
    try (Wire wire = new Wire(service)) {
      wire.send(
          "POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      while (load.analyses() == 0) {
        Thread.sleep(10);
      }
    }

    long end = System.nanoTime() + 10_000_000_000L;
    while (load.analyses() > 0 && System.nanoTime() < end) {
      Thread.sleep(10);
    }

    assertEquals(0, load.analyses());
  }

  private static String many(String template) {
    return IntStream.range(0, OBJECTS)
        .mapToObj((IntFunction<String>) template::formatted)
        .collect(Collectors.joining(","));
  }
}
