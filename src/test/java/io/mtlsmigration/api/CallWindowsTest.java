// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.WindowStudy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which warnings a plan is given, and what they are asked of. */
final class CallWindowsTest {

  private static final Instant NOW = Instant.parse("2026-11-25T10:20:00Z");
  private static final PlanSpec PLAN = PlanSpec.standard("q4");

  private final ManualClock clock = new ManualClock(NOW);
  private final QuietObservation observation =
      new QuietObservation(
          MeshBuilders.mesh(
              namespace("foo").with(sidecarPod("httpbin-1")).with(gatewayPod("gateway-1"))));
  private final List<String> asked = new ArrayList<>();

  /** Calls a week apart. */
  private Evidence<PlaintextCalls> weekly(String namespace, Instant from, int hours) {
    asked.add(namespace);
    List<Long> calls = new ArrayList<>(Collections.nCopies(hours, 0L));
    calls.set(100, 1L);
    calls.set(268, 1L);
    return new Evidence.Measured<>(
        new PlaintextCalls(
            from,
            CallHistory.STEP,
            Collections.nCopies(hours, true),
            observation.modes().snapshot().namespaces().get("foo").pods().stream()
                .map(Pod::workload)
                .map(server -> new PlaintextCalls.Row(client(server), server, calls, null))
                .toList()),
        clock.instant());
  }

  private static Caller client(WorkloadRef server) {
    return new Caller(new WorkloadRef("legacy", "CronJob", "report-of-" + server.name()), "");
  }

  private CallWindows windows(CallHistory history) {
    return new CallWindows(history, () -> observation, clock);
  }

  private PlanReport report() {
    return Planner.plan(PLAN, observation.modes());
  }

  @Test
  void asksForWholeHoursUpToTheOneThatRuns() {
    CallWindows.Range range = windows(this::weekly).range(Duration.ofMinutes(90));

    assertEquals(Instant.parse("2026-11-25T09:00:00Z"), range.from());
    assertEquals(Instant.parse("2026-11-25T11:00:00Z"), range.until());
  }

  @Test
  void warnsOfWhoWouldHaveBeenLockedOut() {
    List<String> warnings = windows(this::weekly).warnings("foo", PLAN);

    assertEquals(1, warnings.size(), warnings::toString);
    assertTrue(warnings.getFirst().startsWith("legacy/report-of-"), warnings::toString);
    assertTrue(warnings.getFirst().endsWith("PT24H would have locked it out"), warnings::toString);
  }

  @Test
  void clientsOfGatewaysDoNotCount() {
    CallWindows windows = windows(this::weekly);

    WindowStudy study =
        (WindowStudy)
            assertInstanceOf(
                    Evidence.Measured.class, windows.study("foo", windows.range(CallWindows.USUAL)))
                .value();

    assertEquals(1, study.clients().size());
    assertTrue(!study.clients().getFirst().client().id().contains("gateway"));
  }

  @Test
  void aPreviewAsksNobodyAndWarnsOfWhatWasReadWithinADay() {
    CallWindows windows = windows(this::weekly);

    assertEquals(List.of(), windows.known(PLAN, report()));
    assertEquals(List.of(), asked);
    windows.warnings("foo", PLAN);
    assertEquals(1, windows.known(PLAN, report()).size());
    clock.advance(Duration.ofHours(25));
    assertEquals(List.of(), windows.known(PLAN, report()));
  }

  /** Pages ask every few seconds, and nobody decides by the hours since. */
  @Test
  void readinessAsksOnceForHours() {
    CallWindows windows = windows(this::weekly);

    for (int minutes = 0; minutes < 180; minutes += 10) {
      assertEquals(1, windows.warnings("foo", PLAN).size());
      clock.advance(Duration.ofMinutes(10));
    }

    assertEquals(List.of("foo"), asked);
    clock.advance(Duration.ofHours(6));
    windows.warnings("foo", PLAN);
    assertEquals(List.of("foo", "foo"), asked);
  }

  @Test
  void withoutHistoryNobodyIsWarned() {
    assertEquals(List.of(), windows(CallHistory.NOT_CONFIGURED).warnings("foo", PLAN));
  }
}
