// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WireVerdictTest {

  private static final Connection READ =
      connection(WireSecurity.PLAINTEXT, WireBasis.BEGINNING, WireAnswer.ANSWERED);
  private static final Connection UNANSWERED =
      connection(WireSecurity.PLAINTEXT, WireBasis.BEGINNING, WireAnswer.UNKNOWN);
  private static final Connection REFUSED =
      connection(WireSecurity.PLAINTEXT, WireBasis.BEGINNING, WireAnswer.RESET);
  private static final Connection ISTIO =
      connection(WireSecurity.ISTIO_MTLS, WireBasis.BEGINNING, WireAnswer.ANSWERED);
  private static final Connection TLS =
      connection(WireSecurity.TLS, WireBasis.BEGINNING, WireAnswer.ANSWERED);
  private static final Connection OLD_TLS =
      connection(WireSecurity.TLS, WireBasis.MIDSTREAM, WireAnswer.ANSWERED);
  private static final Connection HALF =
      connection(WireSecurity.TLS, WireBasis.PARTIAL_HELLO, WireAnswer.UNKNOWN);
  private static final Connection HALF_ISTIO =
      connection(WireSecurity.ISTIO_MTLS, WireBasis.PARTIAL_HELLO, WireAnswer.UNKNOWN);
  private static final Connection UNKNOWN =
      connection(WireSecurity.UNKNOWN, WireBasis.MIDSTREAM, WireAnswer.ANSWERED);
  private static final Connection SILENT =
      connection(WireSecurity.UNKNOWN, WireBasis.NOTHING_SENT, WireAnswer.RESET);

  private static Connection connection(WireSecurity security, WireBasis basis, WireAnswer answer) {
    return new Connection(
        new Sighting(
            new Flow("10.0.0.1", 1, 80),
            Instant.EPOCH,
            new Judgement(security, basis, "", "", List.of()),
            answer),
        null,
        "");
  }

  static Stream<Arguments> checks() {
    return Stream.of(
        argumentSet("nobody", List.of(), WireVerdict.NO_TRAFFIC),
        argumentSet("health checks that only connect", List.of(SILENT), WireVerdict.NO_TRAFFIC),
        argumentSet("the mesh", List.of(ISTIO, SILENT), WireVerdict.ONLY_ISTIO_MTLS),
        argumentSet("refused ones", List.of(ISTIO, REFUSED), WireVerdict.PLAINTEXT_REFUSED),
        argumentSet("one that is read", List.of(ISTIO, REFUSED, READ), WireVerdict.PLAINTEXT_SEEN),
        argumentSet("one without an answer", List.of(UNANSWERED), WireVerdict.PLAINTEXT_SEEN),
        argumentSet("TLS of its own", List.of(ISTIO, TLS), WireVerdict.OTHER_TLS_SEEN),
        argumentSet("old TLS", List.of(ISTIO, OLD_TLS), WireVerdict.INCONCLUSIVE),
        argumentSet("half a greeting", List.of(HALF), WireVerdict.INCONCLUSIVE),
        argumentSet("half one of the mesh", List.of(HALF_ISTIO), WireVerdict.INCONCLUSIVE),
        argumentSet("a riddle", List.of(ISTIO, UNKNOWN, REFUSED), WireVerdict.INCONCLUSIVE));
  }

  @ParameterizedTest
  @MethodSource("checks")
  void letsTheWorstSpeakForAll(List<Connection> connections, WireVerdict verdict) {
    assertEquals(verdict, WireVerdict.of(connections, 0));
  }

  @Test
  void isNotSureWherePacketsAreMissing() {
    assertEquals(WireVerdict.INCONCLUSIVE, WireVerdict.of(List.of(), 1));
    assertEquals(WireVerdict.INCONCLUSIVE, WireVerdict.of(List.of(ISTIO), 1));
    assertEquals(WireVerdict.INCONCLUSIVE, WireVerdict.of(List.of(REFUSED), 1));
  }

  @Test
  void isSureOfPlaintextThoughPacketsAreMissing() {
    assertEquals(WireVerdict.PLAINTEXT_SEEN, WireVerdict.of(List.of(READ), 7));
  }
}
