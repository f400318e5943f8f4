// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.testing.ApiClients;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Probes of a Service with several endpoints, of which the client's proxy chooses any. */
final class ExecProberTest {

  private static final Pattern MARK = Pattern.compile("probe-[0-9a-f]{16}");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final String LONG = " 200 63 0.004 0.001 0.000 0.004 0 3 envoy";
  private static final String RESET = " 503 0 0.004 0.001 0.000 0.004 90  envoy";

  private static final String POD =
      "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"curl\"},"
          + "\"spec\":{\"containers\":[{\"name\":\"curl\"}]}}";

  private final AtomicInteger ended = new AtomicInteger();
  private final Queue<String> commands = new ConcurrentLinkedQueue<>();

  /** What an exec takes, by the clock of the prober. */
  private volatile Duration slowly = Duration.ZERO;

  private final AtomicLong nanos = new AtomicLong();

  private static ProbeTarget target() {
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("httpbin-1").of("Deployment", "httpbin").ports(8080).ip("10.0.0.1"),
                    sidecarPod("httpbin-2").of("Deployment", "httpbin").ports(8080).ip("10.0.0.2"))
                .with(service("httpbin").port("http", 8000, "8080")),
            namespace("bar").with(sidecarPod("curl")));
    return new ProbePlan(mesh, Reachability.of(MeshModes.resolve(mesh)), pod -> true, pod -> false)
        .choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of()).targets().stream()
            .filter(target -> target.from().equals("bar/curl"))
            .findFirst()
            .orElseThrow();
  }

  /** To curl a body that is too long is an error, as of any page of some size. */
  @Test
  void makesAllCallsThoughTheAnswersAreLong() throws Exception {
    ProbeResult result = probe();

    ProbeResult.Several several = assertInstanceOf(ProbeResult.Several.class, result);
    assertEquals(8, several.calls().size());
    assertEquals(3, several.failed(true));
    assertEquals(2, commands.size());
    assertTrue(commands.remove().contains("--fail-early"));
    assertFalse(commands.remove().contains("--fail-early"));
    assertEquals(1, ended.get());
  }

  /** Its caller gives up soon after the timeout, and what the first calls told would be lost. */
  @Test
  void aNodeThatStartsProgramsSlowlyTakesNoMoreThanTheTimeOfAProbe() throws Exception {
    slowly = TIMEOUT;

    ProbeResult result = probe();

    assertEquals(200, assertInstanceOf(ProbeResult.Completed.class, result).httpCode());
  }

  private ProbeResult probe() throws Exception {
    try (ServerSocket api = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        KubernetesClient client = ApiClients.of(api.getLocalPort());
        ExecProber prober = new ExecProber(client, new ProbeOptions("curl", true), nanos::get)) {
      Thread.ofVirtual()
          .start(
              () -> {
                pod(api);
                try (ExecSession first = ExecSession.accept(api)) {
                  answer(first, List.of(LONG));
                  try (ExecSession second = ExecSession.accept(api)) {
                    answer(second, List.of(LONG, RESET, LONG, RESET, RESET, LONG, LONG));
                    second.awaitEnd();
                  }
                } catch (IOException e) {
                  if (!api.isClosed()) { // otherwise no second exec came
                    throw new IllegalStateException(e);
                  }
                }
              });
      return prober.probe(target(), 0, TIMEOUT, ended::incrementAndGet);
    }
  }

  private static void pod(ServerSocket api) {
    try (Socket socket = api.accept()) {
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      while (!in.readLine().isEmpty()) {}
      socket
          .getOutputStream()
          .write(
              ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                      + "Content-Length: "
                      + POD.length()
                      + "\r\n\r\n"
                      + POD)
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void answer(ExecSession session, List<String> calls) throws IOException {
    commands.add(session.request());
    nanos.addAndGet(slowly.toNanos());
    Matcher mark = MARK.matcher(session.request());
    assertTrue(mark.find());
    for (String call : calls) {
      String body = call.equals(RESET) ? "upstream connect error or disconnect/reset" : "";
      session.send(ExecSession.STDOUT, body + "\n" + mark.group() + call + "\n");
    }
    session.send(
        ExecSession.STATUS,
        "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
            + "[{\"reason\":\"ExitCode\",\"message\":\"63\"}]}}");
  }
}
