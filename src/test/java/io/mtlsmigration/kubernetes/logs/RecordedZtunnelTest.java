// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is read from the lines of a real ztunnel (Istio 1.31-dev, August 2026): under each policy
 * the same sixteen cases, in {@code ambient/access-log-by-case.txt.gz}.
 */
final class RecordedZtunnelTest {

  private static final Instant AT = Instant.parse("2026-11-26T22:43:55Z");

  /** What a line is taken for. */
  enum Read {
    /** Plaintext that was let in. */
    LET_IN,
    /** Plaintext that STRICT refused. */
    REFUSED,
    /** A connection of which neither is said: mutual TLS, a pod's own, or others' policies'. */
    CONNECTION,
    /** No connection that has ended. */
    NOTHING
  }

  private static final LineFormat FORMAT = new ZtunnelFormat();

  /** A line, with where it stands. */
  private record Recorded(String section, String what, String line) {

    /** What plaintext met there: on most ports, and on 9090. */
    Read expected() {
      return switch (section) {
        case "real mesh: cut by an AuthorizationPolicy" -> Read.LET_IN;
        case "connection opened (debug)" -> Read.NOTHING;
        default ->
            switch (what.substring(0, 2)) {
              case "11", "12", "13" -> Read.CONNECTION;
              case "14", "15" -> Read.NOTHING;
              default -> line.contains("src.identity") ? Read.CONNECTION : plaintext();
            };
      };
    }

    private Read plaintext() {
      return switch (section) {
        case "strict-text", "strict-json" -> Read.REFUSED;
        case "port-text", "port-json" -> what.startsWith("05") ? Read.LET_IN : Read.REFUSED;
        // What others' policies refuse would be refused without STRICT, too.
        case "userallow-text" -> Read.CONNECTION;
        default -> Read.LET_IN;
      };
    }
  }

  private static List<Recorded> recorded() throws IOException {
    List<Recorded> recorded = new ArrayList<>();
    String section = "";
    String what = "";
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(
                RecordedZtunnelTest.class.getResourceAsStream(
                    "/ambient/access-log-by-case.txt.gz")))) {
      for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
        if (line.startsWith("##### ")) {
          section = line.substring(6);
          what = "";
        } else if (line.startsWith("# case ")) {
          what = line.substring(7);
        } else {
          recorded.add(new Recorded(section, what, line));
        }
      }
    }
    return recorded;
  }

  private static Read read(String line) {
    boolean letIn = FORMAT.plaintext(AT, line).isPresent();
    boolean refused = FORMAT.refusal(AT, line).isPresent();
    assertFalse(letIn && refused, "both at once");
    if (letIn || refused) {
      return letIn ? Read.LET_IN : Read.REFUSED;
    }
    return FORMAT.tellsOfAConnection(line) ? Read.CONNECTION : Read.NOTHING;
  }

  static Stream<Arguments> lines() throws IOException {
    return recorded().stream()
        .map(r -> argumentSet(r.section() + ", " + r.what(), r.line(), r.expected()));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void isTakenForWhatItWas(String line, Read expected) {
    assertEquals(expected, read(line));
  }

  @Test
  void everyLineIsThere() throws IOException {
    assertEquals(198, recorded().size());
  }
}
