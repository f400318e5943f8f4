// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.AccessLogFormats;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.LineLoss;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines as Envoy 1.40 wrote them on a real mesh, in the formats that meshes use. */
final class EnvoyFormatTest {

  private static final Instant AT = Instant.parse("2026-11-25T03:51:33.661000001Z");
  private static final String IPV4 = "10.244.0.4";

  static Stream<Arguments> lines() {
    return Stream.of(
        argumentSet(
            "Istio's text format",
            "[2026-11-25T03:51:33.661Z] \"- - -\" 0 NR filter_chain_not_found -"
                + " \"TLS_error|WRONG_VERSION_NUMBER:TLS_error_end\" 0 0 0 - \"-\" \"-\" \"-\""
                + " \"-\" \"-\" - - 10.244.0.4:8080 10.244.0.8:38330 - -",
            IPV4,
            refused("10.244.0.8", IPV4)),
        argumentSet(
            "Istio's JSON format",
            "{\"response_flags\":\"NR\",\"response_code\":0,\"response_code_details\":"
                + "\"filter_chain_not_found\",\"downstream_remote_address\":\"10.244.0.8:38330\","
                + "\"downstream_local_address\":\"10.244.0.4:8080\",\"authority\":null}",
            IPV4,
            refused("10.244.0.8", IPV4)),
        argumentSet(
            "a mesh's own JSON format",
            "{\"code\":0,\"details\":\"filter_chain_not_found\",\"down_local\":"
                + "\"10.244.0.4:8080\",\"down_remote\":\"10.244.0.8:38330\",\"flags\":\"NR\"}",
            IPV4,
            refused("10.244.0.8", IPV4)),
        argumentSet(
            "IPv6",
            "[x] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\""
                + " \"-\" - - [fd00:10:244::4]:8080 [fd00:10:244::8]:38330 - -",
            "fd00:10:244::4",
            refused("fd00:10:244::8", "fd00:10:244::4")),
        argumentSet(
            "a call that was answered",
            "{\"code\":200,\"details\":\"via_upstream\",\"down_local\":\"10.244.0.4:8080\","
                + "\"down_remote\":\"10.244.0.7:44520\",\"down_tls\":\"TLSv1.3\",\"flags\":\"-\"}",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a call that only speaks of it",
            "{\"code\":200,\"details\":\"via_upstream\",\"path\":\"/filter_chain_not_found\","
                + "\"down_local\":\"10.244.0.4:8080\",\"down_remote\":\"10.244.0.7:44520\"}",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a client that calls itself so",
            "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\""
                + " \"filter_chain_not_found NR 0\" \"-\" \"httpbin\" \"127.0.0.1:80\" inbound|80||"
                + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - default",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a client that breaks out of its quotes",
            "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\""
                + " \"x\" NR 0 filter_chain_not_found \"y\" \"-\" \"httpbin\" \"127.0.0.1:80\""
                + " inbound|80|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - default",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a client by mutual TLS that writes all of it into headers, as JSON",
            "{\"authority\":\"NR\",\"user_agent\":\"filter_chain_not_found\",\"method\":\"0\","
                + "\"bytes_received\":0,\"x_forwarded_for\":\"10.244.0.9:1\","
                + "\"response_code\":200,\"response_flags\":null,"
                + "\"response_code_details\":\"via_upstream\","
                + "\"downstream_local_address\":\"10.244.0.4:8080\","
                + "\"downstream_remote_address\":\"10.244.0.8:38330\"}",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a method and a path that look like no request",
            "[x] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\""
                + " \"-\" - - 10.244.0.4:8080 10.244.0.9:1 - - \" 200 - via_upstream - \"-\" 0 3 1"
                + " 0 \"-\" \"curl\" \"4f\" \"httpbin\" \"10.244.0.4:8080\" inbound|8080||"
                + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - default",
            IPV4,
            Optional.empty()),
        argumentSet(
            "a line that was cut off",
            "{\"code\":0,\"details\":\"filter_chain_not_found\",\"down_local\":\"10.2",
            IPV4,
            Optional.empty()),
        argumentSet(
            "by the second address of a pod",
            "{\"response_flags\":\"NR\",\"response_code\":0,\"response_code_details\":"
                + "\"filter_chain_not_found\",\"downstream_remote_address\":"
                + "\"[fd00:10:244::8]:38330\",\"downstream_local_address\":"
                + "\"[fd00:10:244::4]:8080\"}",
            IPV4,
            refused("fd00:10:244::8", "fd00:10:244::4")));
  }

  private static Optional<RefusalLine> refused(String client, String server) {
    return Optional.of(new RefusalLine(AT, new Address(client, 38_330), new Address(server, 8080)));
  }

  /** Names of fields, and what they stand for, as the mesh of the test has them. */
  private static final AccessLogFormats OWN =
      new AccessLogFormats(
          List.of(),
          Map.of(
              "code", "%RESPONSE_CODE%",
              "flags", "%RESPONSE_FLAGS%",
              "details", "%RESPONSE_CODE_DETAILS%",
              "down_local", "%DOWNSTREAM_LOCAL_ADDRESS%",
              "down_remote", "%DOWNSTREAM_REMOTE_ADDRESS%",
              "direct", "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
              "both", "%DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"));

  private static LineFormat format(String podIp) {
    return format(podIp, OWN);
  }

  private static LineFormat format(String podIp, AccessLogFormats mesh) {
    Pod pod = sidecarPod("httpbin").ip(podIp).otherIps("fd00:10:244::4").build("foo");
    return new EnvoyFormat(pod, EnvoyLayouts.of(mesh));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void readsWhoWasRefused(String entry, String podIp, Optional<RefusalLine> expected) {
    assertEquals(expected, format(podIp).refusal(AT, entry));
  }

  /** After a part of a long line of the other stream, a runtime's next entry has no line begun. */
  @ParameterizedTest
  @MethodSource("lines")
  void doubtsARefusalThatFollowsAPartOfALongLine(
      String entry, String podIp, Optional<RefusalLine> expected) {
    LineFormat format = format(podIp);
    String together = "2026-11-25T03:51:33Z debug envoy config " + "x".repeat(16_384) + entry;

    assertEquals(Optional.empty(), format.refusal(AT, together));
    assertEquals(Optional.empty(), format.doubtOfRefusal(entry));
    if (expected.isPresent()) {
      assertEquals(Optional.of(LineLoss.HIDDEN), format.doubtOfRefusal(together));
    }
  }

  /** Istio's rules take in what comes by each of a pod's networks; its status names one. */
  @ParameterizedTest
  @CsvSource({"192.168.7.4, filter_chain_not_found, true", "192.168.7.4, other, false"})
  void doubtsARefusalAtAnAddressThatKubernetesDoesNotKnow(
      String address, String detail, boolean doubtful) {
    String entry =
        """
        {"code":0,"details":"%s","down_local":"%s:8080","down_remote":"192.168.7.9:3","flags":"NR"}\
        """
            .formatted(detail, address);

    assertEquals(Optional.empty(), format(IPV4).refusal(AT, entry));
    assertEquals(
        doubtful ? Optional.of(LineLoss.HIDDEN) : Optional.empty(),
        format(IPV4).doubtOfRefusal(entry));
  }

  /** Otherwise anybody whose headers reach a sidecar, through a gateway, say, holds up its lock. */
  @ParameterizedTest
  @ValueSource(strings = {"inbound|80||", "outbound|80||a.b", "InboundPassthroughCluster"})
  void aHeaderThatNamesTheDetailRaisesNoDoubt(String cluster) {
    String entry =
        "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\" \"x\" \""
            + " filter_chain_not_found \"y\" \"4f\" \"httpbin\" \"127.0.0.1:80\" "
            + cluster
            + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - default";

    assertEquals(Optional.empty(), format(IPV4).refusal(AT, entry));
    assertEquals(Optional.empty(), format(IPV4).doubtOfRefusal(entry));
  }

  @Test
  void doubtsNoRefusalThatIsNotOfThePod() {
    String other = "x {\"details\":\"filter_chain_not_found\",\"down_local\":\"10.9.9.9:8080\"}";

    assertEquals(Optional.empty(), format(IPV4).doubtOfRefusal(other));
    assertEquals(Optional.empty(), format(IPV4).doubtOfRefusal("info Proxy role ips=[10.244.0.4]"));
  }

  @ParameterizedTest
  @CsvSource({
    "'2026-11-25T03:51:33Z info Envoy proxy is ready', false",
    "'2026-11-25T03:51:33Z info Proxy role ips=[10.244.0.4] id=httpbin.foo', false",
    "'[x] \"- - -\" 0 - - - \"-\" 1 2 3 - \"-\" \"-\" \"-\" \"-\" \"1.2.3.4:5\" outbound|80||a"
        + " 10.0.0.9:1 10.96.0.9:80 10.244.0.4:3 - -', true",
    "'{\"down_local\":\"[fd00:10:244::4]:8080\",\"down_remote\":\"10.0.0.1:1\",\"code\":200,"
        + "\"details\":\"via_upstream\",\"flags\":null}', true",
    // It would not show who was refused.
    "'{\"down_local\":\"[fd00:10:244::4]:8080\",\"flags\":\"-\"}', false",
    "'{\"down_local\":\"10.244.0.4:8080\",\"down_remote\":\"10.0.0.1:1\",\"code\":200,"
        + "\"flags\":\"-\"}', false",
    "'{\"down_local\":\"10.244.0.4:8080\",\"down_remote\":\"10.0.0.1:1\",\"code\":200,"
        + "\"details\":\"via_upstream\"}', false",
    "'{\"down_local\":\"10.244.0.4:8080\",\"down_remote\":\"10.0.0.1:1\",\"flags\":\"-\","
        + "\"details\":\"via_upstream\"}', false",
    "'{\"down_local\":\"10.244.0.4:8080\",\"code\":200,\"flags\":\"-\","
        + "\"details\":\"via_upstream\"}', false",
    "'{\"down_remote\":\"10.244.0.4:3\",\"code\":200,\"flags\":\"-\","
        + "\"details\":\"via_upstream\"}', false",
    "'{\"authority\":\"10.244.0.4:8080\",\"flags\":\"-\"}', false",
    "'[x] \"GET /?at=10.244.0.4:8080 HTTP/1.1\" 200', false",
  })
  void tellsAnAccessLogFromWhatElseAProxyWrites(String entry, boolean tells) {
    assertEquals(tells, format(IPV4).tellsOfAConnection(entry));
  }

  private static final String BEGIN =
      "[2026-11-25T03:51:33.661Z] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\""
          + " \"curl/8.16.0\" \"4f\" \"httpbin.foo:8000\" \"10.244.0.4:8080\" ";

  private static final String CONNECTION =
      "[2026-11-25T03:51:33.661Z] \"- - -\" 0 - - - \"-\" 5 7 1000 - \"-\" \"-\" \"-\" \"-\""
          + " \"10.244.0.4:9000\" ";

  private static final String SNI = "outbound_.8000_._.httpbin.foo.svc.cluster.local";

  private static String json(String cluster, String remote, String protocol, String serverName) {
    return "{\"protocol\":"
        + protocol
        + ",\"x_forwarded_for\":null,\"upstream_cluster\":\""
        + cluster
        + "\",\"downstream_remote_address\":\""
        + remote
        + "\",\"downstream_local_address\":\"10.244.0.4:8080\",\"authority\":\"6.6.6.6:80\""
        + serverName
        + "}";
  }

  static Stream<Arguments> plaintext() {
    return Stream.of(
        argumentSet(
            "a request",
            BEGIN + "inbound|8080|| 127.0.0.6:33145 10.244.0.4:8080 10.244.0.8:38330 - default",
            sent("10.244.0.8", IPV4, true)),
        argumentSet(
            "a request over IPv6",
            BEGIN
                + "inbound|8080|| [::6]:33145 [fd00:10:244::4]:8080 [fd00:10:244::8]:38330 -"
                + " default",
            sent("fd00:10:244::8", "fd00:10:244::4", true)),
        argumentSet(
            "a connection",
            CONNECTION + "inbound|9000|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - -",
            sent("10.244.0.8", IPV4, false)),
        argumentSet(
            "a connection to a port that no Service names",
            CONNECTION
                + "InboundPassthroughCluster 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 - -",
            sent("10.244.0.8", IPV4, false)),
        argumentSet(
            "a request, as JSON",
            json(
                "inbound|8080||",
                "10.244.0.8:38330",
                "\"HTTP/1.1\"",
                ",\"requested_server_name\":null"),
            sent("10.244.0.8", IPV4, true)),
        argumentSet(
            "a connection, as JSON",
            json("inbound|8080||", "10.244.0.8:38330", "null", ",\"requested_server_name\":\"-\""),
            sent("10.244.0.8", IPV4, false)),
        argumentSet(
            "a request by mutual TLS",
            BEGIN
                + "inbound|8080|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 "
                + SNI
                + " default",
            Optional.empty()),
        argumentSet(
            "a request by mutual TLS, as JSON",
            json(
                "inbound|8080||",
                "10.244.0.8:38330",
                "\"HTTP/1.1\"",
                ",\"requested_server_name\":\"" + SNI + "\""),
            Optional.empty()),
        argumentSet(
            "JSON that leaves the server name out",
            json("inbound|8080||", "10.244.0.8:38330", "\"HTTP/1.1\"", ""),
            Optional.empty()),
        argumentSet(
            "text that leaves the server name out",
            BEGIN + "inbound|8080|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330",
            Optional.empty()),
        argumentSet(
            "what the pod calls itself",
            BEGIN
                + "outbound|8000||httpbin.bar.svc.cluster.local 10.244.0.4:1 10.96.0.9:8000"
                + " 10.244.0.4:38330 - default",
            Optional.empty()),
        argumentSet(
            "what comes in by another way, with the word for it in its path",
            BEGIN.replace("/ip", "/inbound|8080||")
                + "outbound|8000||httpbin.bar.svc.cluster.local 10.244.0.4:1 10.244.0.4:8080"
                + " 10.244.0.8:38330 - default",
            Optional.empty()),
        argumentSet(
            "what the pod calls of itself",
            BEGIN + "inbound|8080|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.4:38330 - default",
            Optional.empty()),
        argumentSet(
            "another pod's line",
            BEGIN + "inbound|8080|| 127.0.0.6:1 10.244.0.5:8080 10.244.0.8:38330 - default",
            Optional.empty()),
        argumentSet(
            "a client by mutual TLS that writes another into its headers",
            "[x] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0 \"-\" \"\" inbound|8080||"
                + " 127.0.0.6:1 10.244.0.4:8080 6.6.6.6:1 - default \"x\" \"4f\" \"httpbin\""
                + " \"10.244.0.4:8080\" inbound|8080|| 127.0.0.6:1 10.244.0.4:8080"
                + " 10.244.0.8:38330 "
                + SNI
                + " default",
            Optional.empty()),
        argumentSet(
            "a request whose X-Forwarded-For Envoy took for the peer",
            BEGIN.replace("0 33 1 0 \"-\"", "0 33 1 0 \"10.244.0.9\"")
                + "inbound|8080|| 127.0.0.6:33145 10.244.0.4:8080 10.244.0.9:0 - default",
            Optional.empty()),
        argumentSet(
            "a server name that goes on as a line does",
            CONNECTION
                + "inbound|9000|| 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:38330 \" inbound|9000||"
                + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.9:1 - -",
            Optional.empty()),
        argumentSet(
            "a refusal",
            "[x] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\""
                + " \"-\" - - 10.244.0.4:8080 10.244.0.8:38330 - -",
            Optional.empty()),
        argumentSet("JSON that was cut off", "{\"cluster\":\"inbound|8080||\"", Optional.empty()));
  }

  private static Optional<PlaintextLine> sent(String client, String server, boolean http) {
    return Optional.of(
        new PlaintextLine(AT, new Address(client, 38_330), new Address(server, 8080), http));
  }

  @ParameterizedTest
  @MethodSource("plaintext")
  void readsWhoSentPlaintext(String entry, Optional<PlaintextLine> expected) {
    assertEquals(expected, format(IPV4).plaintext(AT, entry));
  }

  private static final String OWN_TEXT =
      "%START_TIME(%d %H:%M)% %DOWNSTREAM_DIRECT_REMOTE_ADDRESS% to=%DOWNSTREAM_LOCAL_ADDRESS%"
          + " %PROTOCOL% %UPSTREAM_CLUSTER% %REQUESTED_SERVER_NAME% 100%% \"%REQ(USER-AGENT):20%\""
          + " %BYTES_SENT%/%BYTES_RECEIVED% %RESPONSE_CODE% %RESPONSE_FLAGS%"
          + " %RESPONSE_CODE_DETAILS% %DOWNSTREAM_REMOTE_ADDRESS%\n";

  static Stream<Arguments> ownText() {
    String taken = "25 03:51 10.244.0.8:38330 to=10.244.0.4:8080 HTTP/1.1 inbound|8080|| - 100% ";
    return Stream.of(
        argumentSet("a request", taken + "\"a b\" 1/2 200 - via_upstream 6.6.6.6:0", true),
        argumentSet(
            "a quote", taken + "\"a\" 1/2 200 - via_upstream \" 1/2 200 - x 6.6.6.6:0", false),
        argumentSet("a word too many", taken + "\"a b\" 1/2 200 - via_upstream 6.6.6.6:0 -", false),
        argumentSet("a word too few", taken + "\"a b\" 1/2 200 - via_upstream", false),
        argumentSet(
            "another word", taken.replace("to=", "at=") + "\"\" 1/2 200 - x 6.6.6.6:0", false));
  }

  @ParameterizedTest
  @MethodSource("ownText")
  void readsTheMeshsOwnTextByThePlacesOfItsFields(String entry, boolean read) {
    LineFormat format = format(IPV4, new AccessLogFormats(List.of(OWN_TEXT), Map.of()));

    assertEquals(
        read ? sent("10.244.0.8", IPV4, true) : Optional.empty(), format.plaintext(AT, entry));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%DOWNSTREAM_REMOTE_ADDRESS",
        "%REQ(X% y",
        "%START_TIME%\n%RESPONSE_CODE%",
        "",
        "%",
        "%%"
      })
  void readsNothingInAFormatThatIsNone(String format) {
    LineFormat own = format(IPV4, new AccessLogFormats(List.of(format, "second"), Map.of()));

    assertEquals(Optional.empty(), own.refusal(AT, format + "filter_chain_not_found"));
    assertEquals(
        Optional.empty(),
        format(IPV4, new AccessLogFormats(List.of(format), Map.of()))
            .refusal(AT, format + "filter_chain_not_found"));
  }

  /** A client could write a line of one format where the other one has a header. */
  @Test
  void readsNoTextWhereSeveralFormatsAreInUse() {
    String line =
        BEGIN + "inbound|8080|| 127.0.0.6:33145 10.244.0.4:8080 10.244.0.8:38330 - default";
    AccessLogFormats several = new AccessLogFormats(List.of("", "[%START_TIME%] x"), Map.of());

    assertEquals(Optional.empty(), format(IPV4, several).plaintext(AT, line));
  }

  @Test
  void prefersTheConnectionsOwnAddress() {
    String line =
        "{\"direct\":\"10.244.0.8:38330\",\"downstream_remote_address\":\"10.244.0.9:0\","
            + "\"x_forwarded_for\":\"10.244.0.9\",\"protocol\":\"HTTP/1.1\","
            + "\"upstream_cluster\":\"inbound|8080||\",\"requested_server_name\":null,"
            + "\"downstream_local_address\":\"10.244.0.4:8080\"}";

    assertEquals(sent("10.244.0.8", IPV4, true), format(IPV4).plaintext(AT, line));
    assertEquals(Optional.empty(), format(IPV4, AccessLogFormats.ISTIO).plaintext(AT, line));
  }

  /** Somebody can mend a format; what a client writes, nobody. */
  @Test
  void tellsWhatTheFormatLeavesOutFromWhatAClientHides() {
    String said =
        "{\"x_forwarded_for\":\"10.9.9.9\",\"protocol\":\"HTTP/1.1\",\"requested_server_name\":null,"
            + "\"downstream_remote_address\":\"10.9.9.9:0\",\"upstream_cluster\":\"inbound|8080||\","
            + "\"downstream_local_address\":\"10.244.0.4:8080\"}";
    AccessLogFormats several = new AccessLogFormats(List.of("", "[%START_TIME%] x"), Map.of());
    String text = BEGIN + "inbound|8080|| 127.0.0.6:33145 10.244.0.4:8080 10.9.9.9:0 - default";

    assertEquals(Optional.of(LineLoss.HIDDEN), format(IPV4).doubt(said));
    assertEquals(
        Optional.of(LineLoss.FORMAT),
        format(IPV4).doubt(said.replace("\"requested_server_name\":null,", "")));
    assertEquals(Optional.of(LineLoss.FORMAT), format(IPV4, several).doubt(text));
    assertEquals(Optional.of(LineLoss.HIDDEN), format(IPV4).doubt(text.replace("/ip", "/\"ip")));
    assertEquals(
        Optional.of(LineLoss.HIDDEN),
        format(IPV4).doubt(said.replace("10.9.9.9\"", "x".repeat(1 << 16) + "\"")));
  }

  /** TLS of an application's own is no mutual TLS of the mesh, and STRICT refuses it. */
  @Test
  void doubtsACallOverTheClientsOwnTls() {
    String line =
        BEGIN.replace("GET /ip HTTP/1.1", "- - -")
            + "inbound|8443|| 127.0.0.6:33145 10.244.0.4:8443 10.244.0.8:38330 ";

    assertEquals(
        Optional.of(LineLoss.HIDDEN), format(IPV4).doubt(line + "shop.example.com default"));
    assertEquals(Optional.of(LineLoss.NAME_ALONE), format(IPV4).doubt(line + SNI + " default"));
  }

  /** Who asks for Istio's name over TLS of its own passes through, and is not secured. */
  @ParameterizedTest
  @ValueSource(strings = {"%DOWNSTREAM_TLS_VERSION%", "%DOWNSTREAM_PEER_URI_SAN%"})
  void tellsTlsThatTheProxyDidNotEnd(String operator) {
    LineFormat format =
        format(
            IPV4,
            new AccessLogFormats(
                List.of(
                    "%PROTOCOL% %UPSTREAM_CLUSTER% %DOWNSTREAM_LOCAL_ADDRESS%"
                        + " %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% "
                        + operator),
                Map.of()));
    String line = "- inbound|8443|| 10.244.0.4:8443 10.244.0.8:38330 " + SNI;

    assertEquals(
        Optional.of(8443), format.plaintext(AT, line + " -").map(one -> one.server().port()));
    assertEquals(Optional.empty(), format.plaintext(AT, line + " x"));
    assertEquals(Optional.empty(), format.doubt(line + " x"));
  }

  /** A format that begins with a header begins with whatever a client writes. */
  @Test
  void readsNoJsonThatIsOnlyTheBeginningOfALine() {
    String forged =
        "{\"protocol\":\"HTTP/1.1\",\"requested_server_name\":null,\"x_forwarded_for\":null,"
            + "\"downstream_remote_address\":\"10.244.0.99:1\",\"upstream_cluster\":\"inbound|8080||\","
            + "\"downstream_local_address\":\"10.244.0.4:8080\"}";
    AccessLogFormats formats =
        new AccessLogFormats(
            List.of("%REQ(USER-AGENT)% %UPSTREAM_CLUSTER% %DOWNSTREAM_REMOTE_ADDRESS%"), Map.of());

    assertEquals(
        Optional.empty(),
        format(IPV4, formats).plaintext(AT, forged + " inbound|8080|| 10.244.0.8:38330"));
  }

  /** A client that writes a quote would hide behind what others' lines account for. */
  @Test
  void doubtsALineThatItsClientMadeUnreadable() {
    String line =
        BEGIN + "inbound|8080|| 127.0.0.6:33145 10.244.0.4:8080 10.244.0.8:38330 - default";

    assertEquals(Optional.of(LineLoss.HIDDEN), format(IPV4).doubt(line.replace("/ip", "/\"ip")));
    assertEquals(Optional.empty(), format(IPV4).doubt(line.replace("- default", SNI + " default")));
  }
}
