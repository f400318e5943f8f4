// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.hidesPlaintext;
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
import io.mtlsmigration.traffic.LimitKind;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.WindowStudy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which warnings a plan is given, and what they are asked of. */
final class CallWindowsTest {

  private static final Instant NOW = Instant.parse("2026-11-25T10:20:00Z");
  private static final PlanSpec PLAN = PlanSpec.standard("q4");

  private static final String UNREAD =
      "This replica has not read the history of foo within a day (asking for the window of a"
          + " namespace reads it): whether a client is silent for longer than the plaintext window"
          + " of PT24H is not known";

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
  void tellsWhatATelemetryHides() {
    QuietObservation hidden =
        new QuietObservation(
            MeshBuilders.mesh(
                namespace("foo").with(sidecarPod("httpbin-1")).with(hidesPlaintext("quiet"))));
    CallWindows windows = new CallWindows(this::weekly, () -> hidden, clock);

    WindowStudy study =
        (WindowStudy)
            assertInstanceOf(
                    Evidence.Measured.class, windows.study("foo", windows.range(CallWindows.USUAL)))
                .value();

    assertEquals(LimitKind.HOLES, study.limits().getFirst().kind());
    assertTrue(study.limits().getFirst().message().contains("Telemetry foo/quiet"));
  }

  @Test
  void aPreviewAsksNobodyAndWarnsOfWhatWasReadWithinADay() {
    CallWindows windows = windows(this::weekly);

    assertEquals(List.of(UNREAD), windows.known(PLAN, report()));
    assertEquals(List.of(), asked);
    List<String> warnings = windows.warnings("foo", PLAN);
    assertEquals(1, warnings.size());
    assertEquals(warnings, windows.known(PLAN, report()));
    clock.advance(Duration.ofHours(25));
    assertEquals(List.of(UNREAD), windows.known(PLAN, report()));
  }

  @Test
  void aPreviewOfManyNamespacesNamesTheFirst() {
    var mesh =
        new QuietObservation(
            MeshBuilders.mesh(
                IntStream.range(0, 7)
                    .mapToObj(i -> namespace("n" + i).with(sidecarPod("a")))
                    .toArray(MeshBuilders.NamespaceBuilder[]::new)));

    List<String> warnings = windows(this::weekly).known(PLAN, Planner.plan(PLAN, mesh.modes()));

    assertEquals(1, warnings.size());
    assertTrue(
        warnings.getFirst().contains("history of n0, n1, n2, n3, n4 and 2 more within a day"),
        warnings::toString);
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
  void withoutHistoryNobodyIsWarnedAndThatIsSaid() {
    assertEquals(
        List.of(
            UNREAD.replace(
                " (asking for the window of a namespace reads it)",
                " (no source of traffic evidence is configured: set"
                    + " mtls-migration.prometheus.url)")),
        windows(CallHistory.NOT_CONFIGURED).warnings("foo", PLAN));
  }
}
