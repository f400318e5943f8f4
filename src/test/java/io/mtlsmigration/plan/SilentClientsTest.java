// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.WindowStudy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class SilentClientsTest {

  private static final Instant FROM = Instant.parse("2026-10-01T03:00:00Z");

  /** Of a client that calls once so many hours, twice. */
  private static WindowStudy callsEvery(int hours) {
    PlaintextCalls history =
        new PlaintextCalls(
            FROM,
            CallHistory.STEP,
            Collections.nCopies(hours + 1, true),
            List.of(
                new PlaintextCalls.Row(
                    new Caller(new WorkloadRef("legacy", "CronJob", "report"), ""),
                    new WorkloadRef("foo", "Deployment", "httpbin"),
                    IntStream.rangeClosed(0, hours)
                        .mapToObj(i -> i % hours == 0 ? 1L : 0L)
                        .toList(),
                    null)));
    return WindowStudy.of(history, history.begin(hours + 1), false);
  }

  private static PlanSpec window(Duration window) {
    PlanSpec spec = PlanSpec.standard("q4");
    PlanWindows usual = PlanWindows.of(spec);
    return new PlanWindows(window, usual.soak(), usual.audit(), usual.verificationDuration())
        .in(spec);
  }

  static List<Arguments> windows() {
    return List.of(
        argumentSet("a week against a day", 168, "PT24H", "about 7 days", "would"),
        argumentSet(
            "a day against a day, for a job may be late", 24, "PT24H", "about 24 hours", "may"),
        argumentSet("a day against nearly one", 24, "PT23H", "about 24 hours", "would"),
        argumentSet("half a day against five minutes", 12, "PT5M", "about 12 hours", "would"),
        argumentSet("a day against two", 24, "PT48H", "", ""),
        argumentSet("in two hours one after the other", 1, "PT5M", "", ""));
  }

  @ParameterizedTest
  @MethodSource("windows")
  void warnsOfAWindowThatIsShorterThanASilence(
      int hours, String window, String silence, String locked) {
    List<String> warnings =
        SilentClients.warnings("foo", callsEvery(hours), window(Duration.parse(window)));

    assertEquals(
        locked.isEmpty()
            ? List.of()
            : List.of(
                "legacy/report did not call foo for %s, from %s to %s, and then called again: a plaintext window of %s %s have locked it out"
                    .formatted(silence, FROM, FROM.plus(Duration.ofHours(hours)), window, locked)),
        warnings);
  }

  @Test
  void saysNothingOfAClientThatMayFail() {
    PlanSpec spec =
        window(Duration.ofHours(24)).ignoring(new PlanSpec.IgnoredClient(null, "legacy/report"));

    assertEquals(List.of(), SilentClients.warnings("foo", callsEvery(168), spec));
  }
}
