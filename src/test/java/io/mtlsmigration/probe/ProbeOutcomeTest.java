// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pairs were seen on a real mesh (Istio 1.31 development, curl 8). */
final class ProbeOutcomeTest {

  @ParameterizedTest(name = "{0} exit {1} \"{2}\" mesh client {3} → {4}")
  @CsvSource({
    "0, 56, '', false, REFUSED",
    "0, 52, '', false, REFUSED",
    "0, 6, '', false, UNREACHABLE",
    "0, 7, '', false, UNREACHABLE",
    "0, 28, '', false, TIMEOUT",
    "0, 45, '', false, SKIPPED",
    // a port that does not speak HTTP answered
    "0, 0, '', false, OK",
    // curl's own refusal to speak a protocol says nothing of the server
    "0, 1, '', false, UNREACHABLE",
    "200, 0, ok, false, OK",
    // the application answered, whatever it said
    "404, 0, not found, true, OK",
    "503, 0, the application is busy, true, OK",
    "503, 0, upstream connect error or disconnect/reset before headers. reset reason: connection termination, true, REFUSED",
    "503, 0, no healthy upstream, true, UNREACHABLE",
    // the client's own proxy knows no such destination (REGISTRY_ONLY), and answers by itself
    "502, 0, '', true, UNREACHABLE",
    "502, 0, '', false, OK",
    "502, 0, bad gateway, true, OK",
    // the client's own proxy has waited for an answer
    "504, 0, upstream request timeout, true, TIMEOUT",
    "504, 0, gateway timeout, true, OK",
    // a client without a proxy: that 503 came from the server's side
    "503, 0, upstream connect error or disconnect/reset before headers, false, OK"
  })
  void judgesThePairOfCodeAndExit(
      int code, int exit, String body, boolean meshClient, ProbeOutcome expected) {
    assertEquals(expected, ProbeOutcome.classify(code, exit, body, meshClient));
  }
}
