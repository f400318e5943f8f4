// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.probe.PortSpeech;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeResult.Completed;
import io.mtlsmigration.probe.ProbeResult.Sign;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines are those of curl 7.88 against a real mesh. */
final class CurlOutputTest {

  private static final String MARK = "probe-1f";
  private static final String OK = line("200 0 0.004907 0.001531 0.000000 0.004800 34");
  private static final String REFUSED = line("000 56 0.000524 0.000318 0.000000 0.000000 0");
  private static final String SILENT = line("000 28 2.000874 0.000388 0.000000 0.000000 0");
  private static final String UNCONNECTED = line("000 28 5.000874 0.000000 0.000000 0.000000 0");

  /** The mark is among the arguments of whatever runs as curl in somebody's container. */
  @Test
  void moreCallsThanItWasToMakeAreNoAnswer() {
    CurlOutput output = output(PortSpeech.HTTP);
    byte[] calls = OK.repeat(1_000).getBytes(StandardCharsets.UTF_8);

    for (int i = 0; i < 5_000; i++) {
      output.accept(ByteBuffer.wrap(calls));
    }

    ProbeResult.NotPossible not =
        assertInstanceOf(ProbeResult.NotPossible.class, output.result(0, ""));
    assertTrue(not.reason().contains("more calls than it was to make"), not.reason());
    assertInstanceOf(ProbeResult.NotPossible.class, output.unfinished());
  }

  static Stream<Arguments> pairs() {
    return Stream.of(
        row("HTTP that is answered", PortSpeech.HTTP, OK, 0, "", ProbeOutcome.OK),
        row("HTTP that is reset", PortSpeech.HTTP, REFUSED, 56, "", ProbeOutcome.REFUSED),
        row("HTTP that times out", PortSpeech.HTTP, UNCONNECTED, 28, "", ProbeOutcome.TIMEOUT),
        row("HTTP without an answer", PortSpeech.HTTP, SILENT, 28, "", ProbeOutcome.TIMEOUT),
        row(
            "a long body",
            PortSpeech.HTTP,
            line("200 63 0.004 0.001 0.000 0.004 0"),
            63,
            "curl: (63) Maximum file size exceeded",
            ProbeOutcome.OK),
        row(
            "HTTP/2 that is reset while it is sent",
            PortSpeech.HTTP2,
            line("000 55 0.000531 0.000311 0.000000 0.000000 0"),
            55,
            "",
            ProbeOutcome.REFUSED),
        row(
            "HTTP/2 whose stream is reset by the application",
            PortSpeech.HTTP2,
            line("000 92 0.000531 0.000311 0.000000 0.000000 0"),
            92,
            "",
            ProbeOutcome.OK),
        row(
            "an answer that is not HTTP",
            PortSpeech.HTTP,
            line("000 1 0.002 0.001 0.000 0.002 0"),
            1,
            "curl: (1) Received HTTP/0.9 when not allowed",
            ProbeOutcome.OK),
        row("TCP that stays open in silence", PortSpeech.TCP, SILENT, 28, "", ProbeOutcome.OK),
        row("TCP that is reset", PortSpeech.TCP, REFUSED, 56, "", ProbeOutcome.REFUSED),
        row("TCP without a connection", PortSpeech.TCP, UNCONNECTED, 28, "", ProbeOutcome.TIMEOUT),
        row(
            "TCP whose server greets",
            PortSpeech.TCP,
            line("000 28 2.000 0.000300 0.000 0.001 20"),
            28,
            "",
            ProbeOutcome.OK),
        row(
            "TLS that stays open after its handshake",
            PortSpeech.TLS,
            line("000 28 2.000 0.000300 0.004 0.000 0"),
            28,
            "",
            ProbeOutcome.OK),
        row("TLS without a handshake", PortSpeech.TLS, SILENT, 28, "", ProbeOutcome.TIMEOUT),
        row(
            "TLS of which a certificate is asked",
            PortSpeech.HTTPS,
            line("000 56 0.004784 0.000227 0.004309 0.000 0"),
            56,
            "curl: (56) tlsv13 alert certificate required",
            ProbeOutcome.REFUSED));
  }

  private static Arguments row(
      String what, PortSpeech speech, String out, int exit, String err, ProbeOutcome expected) {
    return argumentSet(what, speech, out, exit, err, expected);
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void judges(PortSpeech speech, String out, int exit, String err, ProbeOutcome expected) {
    Completed completed = assertInstanceOf(Completed.class, result(speech, out, exit, err));

    assertEquals(exit, completed.exitCode());
    assertEquals(expected, completed.outcome(false));
  }

  /** The end of a handshake, or a byte, comes from the server; the end of a connection need not. */
  @ParameterizedTest
  @CsvSource({"TCP, 0, CLOSED", "TCP, 20, NONE", "TLS, 0, NONE"})
  void tellsWhatIsClosedWithoutAByte(PortSpeech speech, int size, Sign sign) {
    String out = line("000 0 0.000524 0.000318 0.000400 0.000000 " + size);

    Completed completed = assertInstanceOf(Completed.class, result(speech, out, 0, ""));

    assertEquals(ProbeOutcome.OK, completed.outcome(true));
    assertEquals(sign, completed.sign());
  }

  /** Envoy's router adds the time to what a server answers, and to nothing that it makes itself. */
  @ParameterizedTest
  @CsvSource({
    "404, ' envoy', '', SKIPPED",
    "301, ' envoy', '', SKIPPED",
    "200, ' envoy', a direct response, SKIPPED",
    "429, ' envoy', local_rate_limited, SKIPPED",
    "503, ' envoy', fault filter abort, SKIPPED",
    "503, ' envoy', upstream connect error or disconnect/reset before headers, REFUSED",
    "503, ' envoy', {\"error\": \"of a local_reply_config\"}, REFUSED",
    "503, ' envoy', no healthy upstream, UNREACHABLE",
    "502, ' envoy', {\"error\": \"of a local_reply_config\"}, UNREACHABLE",
    "504, ' envoy', {\"error\": \"of a local_reply_config\"}, TIMEOUT",
    "404, '7 envoy', not found, OK",
    "200, '0 envoy', '', OK",
    "503, '7 envoy', the application is busy, OK",
    // a call that passes by the client's proxy
    "404, ' istio-envoy', '', OK",
    "404, ' Apache/2.4 (Unix) envoy', '', OK",
    "404, ' ', '', OK",
    // curl before 7.84
    "404, '%header{x-envoy-upstream-service-time} %header{server}', '', OK"
  })
  void tellsAnAnswerOfTheClientsProxyFromOneOfTheServer(
      int status, String headers, String body, ProbeOutcome expected) {
    String out = body + line(status + " 0 0.004 0.001 0.000 0.004 0", headers);

    Completed completed = assertInstanceOf(Completed.class, result(PortSpeech.HTTP, out, 0, ""));

    assertEquals(expected, completed.outcome(true));
  }

  /** What a server's name is, and how long, is for whoever runs it to say. */
  @Test
  void readsACallWhoseServerHasALongName() {
    String out = line("200 0 0.004 0.001 0.000 0.004 0", "3 " + "x y ".repeat(2_000));

    assertEquals(
        ProbeOutcome.OK,
        assertInstanceOf(Completed.class, result(PortSpeech.HTTP, out, 0, "")).outcome(true));
  }

  @Test
  void takesTheLatencyFromCurl() {
    assertEquals(
        Duration.ofNanos(4_907_000),
        assertInstanceOf(Completed.class, result(PortSpeech.HTTP, OK, 0, "")).latency());
  }

  /** How long silence was waited for says nothing of the server. */
  @Test
  void takesTheLatencyOfASilentServerFromTheConnection() {
    assertEquals(
        Duration.ofNanos(388_000),
        assertInstanceOf(Completed.class, result(PortSpeech.TCP, SILENT, 28, "")).latency());
  }

  @Test
  void keepsTheBeginningOfABody() {
    String envoy = "upstream connect error or disconnect/reset before headers. reset reason: x";
    String out = envoy + "\n\u0000\u001b[31m" + "y".repeat(1000) + OK;

    Completed completed = assertInstanceOf(Completed.class, result(PortSpeech.HTTP, out, 0, ""));

    assertTrue(completed.body().startsWith(envoy), completed.body());
    assertTrue(completed.body().chars().noneMatch(Character::isISOControl), completed.body());
    assertEquals(CurlOutput.BODY, completed.body().length());
  }

  @Test
  void readsWhatComesInPieces() {
    CurlOutput output = output(PortSpeech.HTTP, 1);
    for (byte b : ("body" + OK).getBytes(StandardCharsets.UTF_8)) {
      output.accept(ByteBuffer.wrap(new byte[] {b}));
    }

    assertEquals("body", assertInstanceOf(Completed.class, output.result(0, "")).body());
  }

  @Test
  void tellsCallsApart() {
    String bad = line("503 0 0.002 0.001 0.000 0.002 9");

    var several =
        assertInstanceOf(
            ProbeResult.Several.class, result(PortSpeech.HTTP, "a" + OK + "b" + bad, 0, ""));

    assertEquals(List.of("a", "b"), several.calls().stream().map(Completed::body).toList());
    assertEquals(503, several.calls().getLast().httpCode());
  }

  /** curl before 7.75 does not know the variable; the run ends with the call that failed. */
  @Test
  void readsAnOldCurl() {
    String ok = line("200  0.002 0.001 0.000 0.002 9");
    String failed = line("000  0.002 0.001 0.000 0.000 0");

    var several =
        assertInstanceOf(
            ProbeResult.Several.class,
            result(PortSpeech.HTTP, ok + failed, 56, "curl: unknown --write-out variable"));

    assertEquals(List.of(0, 56), several.calls().stream().map(Completed::exitCode).toList());
  }

  /** Only the end of the last call is the exit code of such a curl. */
  @Test
  void readsFromTheErrorsOfAnOldCurlThatACallBeforeTheLastFailed() {
    String reset = line("000  0.002 0.001 0.000 0.000 0");
    String silent = line("000  2.000874 0.000388 0.000000 0.000000 0");

    ProbeResult several =
        result(
            PortSpeech.TCP,
            2,
            reset + silent,
            28,
            "curl: (56) Recv failure: Connection reset by peer\ncurl: (28) Operation timed out");

    assertEquals(1, assertInstanceOf(ProbeResult.Several.class, several).failed(true));
  }

  /** Of what an exec prints the end may be lost, though its exit code arrives. */
  @ParameterizedTest
  @CsvSource({"HTTP, 3, 56", "HTTP, 7, 0", "TCP, 7, 0", "TCP, 7, 28"})
  void takesCallsOfWhichSomeAreLostForNoResult(PortSpeech speech, int told, int exit) {
    ProbeResult.NotPossible not =
        assertInstanceOf(
            ProbeResult.NotPossible.class, result(speech, 8, OK.repeat(told), exit, ""));

    assertTrue(not.reason().contains("is not whole"), not.reason());
  }

  @Test
  void takesAFailureForOneThoughOtherCallsAreLost() {
    var several =
        assertInstanceOf(
            ProbeResult.Several.class, result(PortSpeech.TCP, 8, OK + REFUSED + OK, 0, ""));

    assertEquals(1, several.failed(true));
  }

  @Test
  void goesByTheCallsThatHaveEndedWhenOthersHaveNot() {
    CurlOutput output = output(PortSpeech.HTTP);
    output.accept(ByteBuffer.wrap((OK + OK + "begun").getBytes(StandardCharsets.UTF_8)));

    assertTrue(output.any());
    assertEquals(
        2, assertInstanceOf(ProbeResult.Several.class, output.unfinished()).calls().size());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 27, 126, 127, 137, 143})
  void takesWhatCurlCouldNotDoForNoResult(int exit) {
    assertInstanceOf(
        ProbeResult.NotPossible.class,
        result(PortSpeech.HTTP, line("000 " + exit + " 0 0 0 0 0"), exit, "curl: (2) no"));
  }

  @Test
  void takesAProtocolThatCurlLacksForNoResult() {
    var not =
        assertInstanceOf(
            ProbeResult.NotPossible.class,
            result(
                PortSpeech.TCP,
                line("000 1 0 0 0 0 0"),
                1,
                "curl: (1) Protocol \"gopher\" not supported or disabled in libcurl"));

    assertTrue(not.reason().contains("gopher"), not.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "\nprobe-1f \n",
        "\nprobe-1f 200 0\n",
        "\nprobe-1f 200 0 1 1 1 1 x\n",
        "\nprobe-2e 200 0 0.1 0.1 0.1 0.1 1\n"
      })
  void takesGarbageForNoResult(String out) {
    assertInstanceOf(ProbeResult.NotPossible.class, result(PortSpeech.HTTP, out, 0, ""));
  }

  private static ProbeResult result(PortSpeech speech, String out, int exit, String err) {
    int calls = out.split(MARK, -1).length - 1;
    return result(speech, Math.max(1, calls), out, exit, err);
  }

  private static ProbeResult result(
      PortSpeech speech, int calls, String out, int exit, String err) {
    CurlOutput output = output(speech, calls);
    output.accept(ByteBuffer.wrap(out.getBytes(StandardCharsets.UTF_8)));
    return output.result(exit, err);
  }

  private static CurlOutput output(PortSpeech speech) {
    return output(speech, 8);
  }

  private static CurlOutput output(PortSpeech speech, int calls) {
    return new CurlOutput(
        new CurlCommand(Collections.nCopies(calls, "--output"), speech, MARK, true));
  }

  /** Without a proxy that says who it is. */
  private static String line(String fields) {
    return line(fields, " ");
  }

  private static String line(String fields, String headers) {
    return "\n" + MARK + " " + fields + " " + headers + "\n";
  }
}
