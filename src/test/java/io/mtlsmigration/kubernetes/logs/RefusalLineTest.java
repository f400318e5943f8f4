package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Lines as Envoy 1.40 wrote them on a real mesh, in the formats that meshes use. */
final class RefusalLineTest {

  private static final String AT = "2026-11-25T03:51:33.661000001Z ";
  private static final String IPV4 = "10.244.0.4";

  static Stream<Arguments> lines() {
    return Stream.of(
        argumentSet(
            "Istio's text format",
            AT
                + "[2026-11-25T03:51:33.661Z] \"- - -\" 0 NR filter_chain_not_found -"
                + " \"TLS_error|WRONG_VERSION_NUMBER:TLS_error_end\" 0 0 0 - \"-\" \"-\" \"-\" \"-\""
                + " \"-\" - - 10.244.0.4:8080 10.244.0.8:38330 - -",
            IPV4,
            refused("10.244.0.8", 8080)),
        argumentSet(
            "Istio's JSON format",
            AT
                + "{\"response_flags\":\"NR\",\"response_code\":0,\"response_code_details\":"
                + "\"filter_chain_not_found\",\"downstream_remote_address\":\"10.244.0.8:38330\","
                + "\"downstream_local_address\":\"10.244.0.4:8080\",\"authority\":null}",
            IPV4,
            refused("10.244.0.8", 8080)),
        argumentSet(
            "a mesh's own JSON format",
            AT
                + "{\"code\":0,\"details\":\"filter_chain_not_found\",\"down_local\":"
                + "\"10.244.0.4:8080\",\"down_remote\":\"10.244.0.8:38330\",\"flags\":\"NR\"}",
            IPV4,
            refused("10.244.0.8", 8080)),
        argumentSet(
            "IPv6",
            AT
                + "[x] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\""
                + " \"-\" - - [fd00:10:244::4]:8080 [fd00:10:244::8]:38330 - -",
            "fd00:10:244::4",
            refused("fd00:10:244::8", 8080)),
        argumentSet(
            "a call that was answered",
            AT
                + "{\"code\":200,\"details\":\"via_upstream\",\"down_local\":\"10.244.0.4:8080\","
                + "\"down_remote\":\"10.244.0.7:44520\",\"down_tls\":\"TLSv1.3\",\"flags\":\"-\"}",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a call that only speaks of it",
            AT
                + "{\"code\":200,\"details\":\"via_upstream\",\"path\":\"/filter_chain_not_found\","
                + "\"down_local\":\"10.244.0.4:8080\",\"down_remote\":\"10.244.0.7:44520\"}",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a client that calls itself so",
            AT
                + "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\""
                + " \"filter_chain_not_found NR 0\" \"-\" \"httpbin\" \"127.0.0.1:80\" inbound|80||"
                + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - default",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a line that was cut off",
            AT + "{\"code\":0,\"details\":\"filter_chain_not_found\",\"down_local\":\"10.2",
            IPV4,
            Optional.empty()),
        argumentSet("a line without a time", "filter_chain_not_found", IPV4, Optional.empty()));
  }

  private static Optional<RefusalLine> refused(String peer, int port) {
    return Optional.of(new RefusalLine(Instant.parse(AT.strip()), peer, 38_330, port));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsWhoWasRefused(String line, String podIp, Optional<RefusalLine> expected) {
    assertEquals(expected, RefusalLine.read(line, podIp));
  }
}
