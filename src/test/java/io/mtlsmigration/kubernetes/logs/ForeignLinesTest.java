// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.AccessLogFormats;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lines that clients have written a part of, to be read in time that grows with their length. */
final class ForeignLinesTest {

  private static final Instant AT = Instant.parse("2026-11-25T03:51:33.661000001Z");

  /** A thousand times what reading takes; quadratic reading takes minutes. */
  private static final Duration GENEROUS = Duration.ofSeconds(5);

  private static String request(String agent) {
    return "[2026-11-25T03:51:33.661Z] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0"
        + " \"-\" \""
        + agent
        + "\" \"4f\" \"httpbin.foo:8000\" \"10.244.0.4:8080\" inbound|8080||"
        + " 127.0.0.6:33145 10.244.0.4:8080 10.244.0.8:38330 - default";
  }

  private static String json(String agent) {
    return "{\"response_code_details\":\"filter_chain_not_found\",\"user_agent\":\""
        + agent
        + "\",\"downstream_local_address\":\"10.244.0.4:8080\"}";
  }

  private static String ztunnel(String error) {
    return "2026-11-25T03:51:33.660112Z\terror\taccess\tconnection complete\t"
        + "src.addr=10.244.0.8:38330 dst.addr=10.244.0.4:8080 direction=\"inbound\" error=\""
        + "connection closed due to policy rejection"
        + error
        + "\"";
  }

  static Stream<Arguments> lines() {
    LineFormat envoy =
        new EnvoyFormat(
            sidecarPod("httpbin").ip("10.244.0.4").build("foo"),
            EnvoyLayouts.of(AccessLogFormats.ISTIO));
    LineFormat ztunnel = new ZtunnelFormat();
    String many = "x".repeat(60_000);
    return Stream.of(
        argumentSet("a long name of a client", envoy, request(many)),
        argumentSet("many quotes", envoy, request("filter_chain_not_found" + "\"".repeat(60_001))),
        argumentSet("many spaces", envoy, request(" ".repeat(60_000))),
        argumentSet("many tabs and quotes", envoy, request("\"\t \"".repeat(15_000))),
        argumentSet("a request without end", envoy, "\"" + "inbound| HTTP/".repeat(4_000)),
        argumentSet("an address without end", envoy, "- ".repeat(4) + "1.".repeat(30_000)),
        argumentSet("colons", envoy, "inbound| " + ":".repeat(60_000) + " 10.244.0.4"),
        argumentSet("brackets", envoy, "{\"a\":" + "[".repeat(60_000) + "filter_chain_not_found"),
        argumentSet("objects", envoy, "{\"filter_chain_not_found\":".repeat(2_000)),
        argumentSet("digits", envoy, json("0").replace("\"0\"", "9".repeat(60_000))),
        argumentSet("quoted characters", ztunnel, ztunnel(many)),
        argumentSet("escaped characters", ztunnel, ztunnel("\\\"".repeat(30_000))),
        argumentSet(
            "escapes without end", ztunnel, ztunnel("").replace("\"", "\"" + "\\".repeat(60_001))),
        argumentSet("names", ztunnel, ztunnel("a_.".repeat(20_000) + " ".repeat(10_000))),
        argumentSet("quotes", ztunnel, ztunnel("=\"".repeat(30_000))),
        argumentSet("a name without end", ztunnel, ztunnel("") + "a.".repeat(30_000)));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsInTimeThatGrowsWithTheLength(LineFormat format, String entry) {
    Optional<RefusalLine> refusal =
        assertTimeoutPreemptively(
            GENEROUS,
            () -> {
              format.tellsOfAConnection(entry);
              format.plaintext(AT, entry);
              return format.refusal(AT, entry);
            });

    assertEquals(Optional.empty(), refusal);
  }
}
