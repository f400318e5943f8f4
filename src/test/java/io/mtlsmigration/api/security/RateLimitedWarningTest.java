// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.Test;

final class RateLimitedWarningTest {

  private static final Instant BEGIN = Instant.parse("2026-11-26T10:00:00Z");
  private static final String CAUSE =
      " cause=java.lang.IllegalStateException: nobody answers, by java.io.IOException: refused";

  @Test
  void tellsAtOnceAndThenEachMinuteHowOften() {
    RateLimitedWarning complaint =
        new RateLimitedWarning(Logger.getLogger(RateLimitedWarningTest.class), "Nobody is asked");
    Throwable failure = new IllegalStateException("nobody answers", new IOException("refused"));
    List<String> lines = new ArrayList<>();

    for (int second = 0; second <= 120; second++) {
      complaint.line(failure, BEGIN.plusSeconds(second)).ifPresent(lines::add);
    }

    assertEquals(
        List.of(
            "Nobody is asked times=1" + CAUSE,
            "Nobody is asked times=60" + CAUSE,
            "Nobody is asked times=60" + CAUSE),
        lines);
  }
}
