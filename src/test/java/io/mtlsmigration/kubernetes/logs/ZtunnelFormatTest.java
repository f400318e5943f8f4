// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.traffic.LineLoss;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines in the form of ztunnel's src/proxy/metrics.rs, with the errors of its versions. */
final class ZtunnelFormatTest {

  private static final Instant AT = Instant.parse("2026-11-25T03:51:33.661000001Z");
  private static final String BY_STRICT =
      "connection closed due to policy rejection: explicitly denied by:"
          + " istio-system/istio_converted_static_strict";
  private static final String IDENTITY = "src.identity=\"spiffe://cluster.local/ns/bar/sa/curl\" ";

  private final LineFormat format = new ZtunnelFormat();

  private static String text(String identity, String direction, String error) {
    return "2026-11-25T03:51:33.660112Z\terror\taccess\tconnection complete\t"
        + "src.addr=10.244.0.8:38330 src.workload=\"curl\" src.namespace=\"legacy\" "
        + identity
        + "dst.addr=10.244.0.4:8080 dst.service=\"httpbin.foo.svc.cluster.local\""
        + " dst.workload=\"httpbin\" dst.namespace=\"foo\" direction=\""
        + direction
        + "\" bytes_sent=0 bytes_recv=0 duration=\"0ms\" error=\""
        + error
        + "\"";
  }

  private static String denied(String by) {
    return "connection closed due to policy rejection: explicitly denied by: " + by;
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        argumentSet("by STRICT of mesh or namespace", text("", "inbound", BY_STRICT)),
        argumentSet(
            "by STRICT of a workload",
            text("", "inbound", denied("foo/converted_peer_authentication_default"))),
        argumentSet(
            "by a policy that this version does not name",
            text("", "inbound", "connection closed due to policy rejection")),
        argumentSet(
            "in JSON",
            "{\"level\":\"error\",\"time\":\"2026-11-25T03:51:33.660112Z\",\"scope\":\"access\","
                + "\"message\":\"connection complete\",\"src.addr\":\"10.244.0.8:38330\","
                + "\"dst.addr\":\"10.244.0.4:8080\",\"direction\":\"inbound\","
                + "\"bytes_sent\":0,\"error\":\""
                + BY_STRICT
                + "\"}"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void readsWhoWasRefused(String entry) {
    assertEquals(
        Optional.of(
            new RefusalLine(
                AT, new Address("10.244.0.8", 38_330), new Address("10.244.0.4", 8080))),
        format.refusal(AT, entry));
  }

  static Stream<Arguments> others() {
    return Stream.of(
        argumentSet("an AuthorizationPolicy that denies", text("", "inbound", denied("foo/mine"))),
        argumentSet(
            "one by a name that only looks like it",
            text("", "inbound", denied("foo/my-istio_converted_static_strict"))),
        argumentSet(
            "AuthorizationPolicies that allow others",
            text(
                "",
                "inbound",
                "connection closed due to policy rejection: allow policies exist, but none"
                    + " allowed")),
        argumentSet(
            "whatever policy cut an open connection",
            text("", "inbound", "connection closed due to policy change")),
        argumentSet("a client with an identity", text(IDENTITY, "inbound", BY_STRICT)),
        argumentSet("the client's own side", text("", "outbound", BY_STRICT)),
        argumentSet("a server that is down", text("", "inbound", "connection failed: refused")),
        argumentSet("JSON that was cut off", "{\"error\":\"" + BY_STRICT + "\",\"src.ad"),
        argumentSet(
            "a line of another target",
            "2026-11-25T03:51:33Z\tinfo\tztunnel::state\t" + BY_STRICT + " peer=10.0.0.1:1"));
  }

  @ParameterizedTest
  @MethodSource("others")
  void blamesStrictForNothingElse(String entry) {
    assertEquals(Optional.empty(), format.refusal(AT, entry));
  }

  @ParameterizedTest
  @CsvSource({
    "'x\tinfo\taccess\tconnection complete\tsrc.addr=10.0.0.1:1 dst.addr=10.0.0.2:1', true",
    "'{\"scope\":\"access\",\"message\":\"connection complete\",\"src.addr\":\"10.0.0.1:1\"}',"
        + " true",
    "'x\tinfo\tinbound\tlistener established address=[::]:15008', false",
  })
  void tellsItsAccessLogFromWhatElseItWrites(String entry, boolean tells) {
    assertEquals(tells, format.tellsOfAConnection(entry));
  }

  private static String complete(String identity, String direction) {
    return "2026-11-25T03:51:33.660112Z\tinfo\taccess\tconnection complete\t"
        + "src.addr=10.244.0.8:38330 src.workload=\"curl\" src.namespace=\"legacy\" "
        + identity
        + "dst.addr=10.244.0.4:8080 dst.service=\"httpbin.foo.svc.cluster.local\" direction=\""
        + direction
        + "\" bytes_sent=3 bytes_recv=4 duration=\"1ms\"";
  }

  @Test
  void readsWhoSentPlaintext() {
    Optional<PlaintextLine> sent =
        Optional.of(
            new PlaintextLine(
                AT, new Address("10.244.0.8", 38_330), new Address("10.244.0.4", 8080), false));

    assertEquals(sent, format.plaintext(AT, complete("", "inbound")));
    assertEquals(Optional.empty(), format.plaintext(AT, complete(IDENTITY, "inbound")));
    assertEquals(Optional.empty(), format.plaintext(AT, complete("", "outbound")));
    assertEquals(Optional.empty(), format.plaintext(AT, text("", "inbound", BY_STRICT)));
  }

  /** What cannot be read may be of anybody. */
  @ParameterizedTest
  @ValueSource(strings = {" new.field=some words", " cut=\"some wor", " direction=\"inbound\""})
  void doubtsALineThatItCannotRead(String more) {
    Optional<LineLoss> hidden = Optional.of(LineLoss.HIDDEN);

    assertEquals(Optional.empty(), format.doubt(complete(IDENTITY, "inbound")));
    assertEquals(hidden, format.doubt(complete(IDENTITY, "inbound") + more));
    assertEquals(Optional.empty(), format.doubtOfRefusal(text(IDENTITY, "inbound", BY_STRICT)));
    assertEquals(hidden, format.doubtOfRefusal(text(IDENTITY, "inbound", BY_STRICT) + more));
    assertEquals(Optional.empty(), format.doubtOfRefusal(complete("", "inbound") + more));
    assertEquals(
        hidden, format.doubt("{\"scope\":\"access\",\"message\":\"connection complete\",\"src.ad"));
    assertEquals(Optional.empty(), format.doubt("x\tinfo\tinbound\tconnection complete a=b c"));
  }

  /** Though nothing was sent yet, as where the server speaks first. */
  @ParameterizedTest
  @ValueSource(strings = {"policy change", "connection drain"})
  void readsPlaintextThatWasCutOff(String why) {
    String entry = text("", "inbound", "connection closed due to " + why);

    assertTrue(format.plaintext(AT, entry).isPresent());
  }
}
