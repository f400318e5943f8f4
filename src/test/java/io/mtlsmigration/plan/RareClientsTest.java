// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.ApiServerCalls;
import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.RunPeriod;
import io.mtlsmigration.mtls.MeshModes;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RareClientsTest {

  /** A soak in which a run that has begun calls. */
  private static final Duration LONG = Duration.ofMinutes(10);

  /** On 2026-10-25 a day of Europe/Berlin has 25 hours. */
  @Test
  void areThoseOfADayThatIsLongerThanTheWindow() {
    assertEquals(List.of(), rare("2026-10-24T23:00:00Z"));
    assertEquals(
        List.of(
            "CronJob legacy/report, which has no proxy, runs up to PT25H apart now that the clocks"
                + " of Europe/Berlin have changed, more than the plaintext window of PT24H"),
        rare("2026-10-25T01:30:00Z"));
    assertEquals(List.of(), rare("2026-10-26T03:00:00Z"));
  }

  /** A whole day of silence is from before it was made. */
  @Test
  void areThoseThatHaveNotRunYet() {
    Instant made = Instant.parse("2026-06-01T08:00:00Z");
    CronRuns hourly = hourly(made, "2026-06-01T09:00:00Z", "2026-06-01T09:01:00Z");

    assertEquals(
        List.of(
            "CronJob legacy/report, which has no proxy, was made at 2026-06-01T08:00:00Z, and may"
                + " not have run before 2026-06-01T09:10:00Z"),
        rare(hourly, "2026-06-01T09:09:00Z"));
    assertEquals(List.of(), rare(hourly, "2026-06-01T09:11:00Z"));
  }

  /** Its window is silent because it was suspended, or ran once a week until now. */
  @ParameterizedTest
  @CsvSource({
    "2026-06-05T08:00:00Z, 2026-06-05T08:00:20Z, 2026-06-05T09:10:01Z, has not run since 2026-06-05T08:00:00Z",
    "2026-06-05T08:00:00Z, 2026-06-05T08:00:20Z, 2026-06-05T09:09:59Z, ''",
    "1970-01-01T00:00:00Z, 1970-01-01T00:00:00Z, 2026-06-05T09:10:01Z, has not run since it was made",
  })
  void areThoseThatHaveBeenSilentForLongerThanTheirPeriod(
      String scheduled, String succeeded, String now, String told) {
    List<String> rare =
        rare(hourly(Instant.parse("2026-06-01T08:00:00Z"), scheduled, succeeded), now);

    assertEquals(told.isEmpty() ? 0 : 1, rare.size(), rare::toString);
    assertTrue(told.isEmpty() || rare.getFirst().contains("no proxy, " + told), rare::toString);
  }

  /** A run that lasts for days keeps the next from beginning, where its CronJob forbids two. */
  @Test
  void areNotThoseOfWhichOneGoesOn() {
    Instant made = Instant.parse("2026-06-01T08:00:00Z");
    RunPeriod often = RunPeriod.of(Duration.ofMinutes(5));
    CronRuns runs = new CronRuns(often, made, made.plusSeconds(300), true, Instant.EPOCH);

    assertEquals(List.of(), rare(runs, "2026-06-09T09:00:00Z", LONG));
  }

  /** A queue like Kueue, a quota, or a cluster without room keeps a Job without pods for days. */
  @ParameterizedTest
  @CsvSource({
    "none, 2026-06-09T09:10:01Z, 2026-06-05T08:00:20Z, 1",
    "pending, 2026-06-09T09:10:01Z, 2026-06-05T08:00:20Z, 1",
    "another, 2026-06-09T09:10:01Z, 2026-06-05T08:00:20Z, 1",
    "running, 2026-06-09T09:10:01Z, 2026-06-05T08:00:20Z, 0",
    "failed, 2026-06-09T09:10:01Z, 2026-06-05T08:00:20Z, 0",
    "none, 2026-06-09T09:09:59Z, 2026-06-05T08:00:20Z, 0",
    "none, 2026-06-09T09:10:01Z, 2026-06-09T08:00:20Z, 0",
  })
  void areThoseOfWhichOneHasNoPodYet(String pod, String now, String succeeded, int rare) {
    RunPeriod hourly = RunPeriod.of(Duration.ofHours(1));
    Instant made = Instant.parse("2026-06-01T08:00:00Z");
    Instant scheduled = Instant.parse("2026-06-09T09:00:00Z");
    CronRuns runs = new CronRuns(hourly, made, scheduled, true, Instant.parse(succeeded));
    List<PodBuilder> pods =
        switch (pod) {
          case "none" -> List.of();
          case "pending" -> List.of(run().ip("").notReady());
          case "another" -> List.of(pod("report"));
          case "failed" -> List.of(run().ip("").terminated());
          default -> List.of(run());
        };

    List<String> told = rare(runs, now, LONG, pods);

    assertEquals(rare, told.size(), told::toString);
    assertTrue(told.stream().allMatch(text -> text.contains("has no pod yet")), told::toString);
  }

  /**
   * Kubernetes begins at once what was missed while a CronJob was suspended, and calls it the run
   * of the time when it was due. A soak that is long enough sees what it calls.
   */
  @ParameterizedTest
  @CsvSource({
    "2026-06-09T09:00:00Z, false, 2026-06-05T08:00:20Z, 2026-06-09T09:00:05Z, 1",
    "2026-06-09T09:00:00Z, false, 1970-01-01T00:00:00Z, 2026-06-09T09:09:59Z, 1",
    "2026-06-09T09:00:00Z, false, 1970-01-01T00:00:00Z, 2026-06-09T09:10:01Z, 0",
    "2026-06-09T09:00:00Z, false, 2026-06-09T08:00:20Z, 2026-06-09T09:00:05Z, 0",
    "2026-06-09T09:00:00Z, true, 2026-06-05T08:00:20Z, 2026-06-09T09:45:05Z, 1",
    "2026-06-09T09:00:00Z, true, 2026-06-09T08:00:20Z, 2026-06-09T09:45:05Z, 0",
  })
  void areThoseOfWhichOneHasJustBegunWhereNoSoakWaitsForIt(
      String scheduled, boolean active, String succeeded, String now, int rare) {
    CronRuns runs =
        new CronRuns(
            RunPeriod.of(Duration.ofHours(1)),
            Instant.parse("2026-06-01T08:00:00Z"),
            Instant.parse(scheduled),
            active,
            Instant.parse(succeeded));

    assertEquals(List.of(), rare(runs, now, LONG));
    List<String> told = rare(runs, now, Duration.ofSeconds(10));
    assertEquals(rare, told.size(), told::toString);
    assertTrue(
        told.stream().allMatch(text -> text.contains("no proxy, began to run at " + scheduled)));
  }

  private static CronRuns hourly(Instant made, String scheduled, String succeeded) {
    return new CronRuns(
        RunPeriod.of(Duration.ofHours(1)),
        made,
        Instant.parse(scheduled),
        false,
        Instant.parse(succeeded));
  }

  /** The Service that leads to a sidecar has port 8000; another one has 443, without a server. */
  @ParameterizedTest
  @CsvSource({
    "excludeOutboundPorts, 8000, 1",
    "excludeOutboundPorts, 443, 0",
    "includeOutboundIPRanges, '', 1",
    "excludeOutboundIPRanges, 169.254.169.254/32, 0"
  })
  void areThoseWhoseCallsBypassTheirSidecar(String annotation, String value, int rare) {
    JobTemplate job =
        new JobTemplate(
            new ObjectRef("CronJob", "foo", "report"),
            Map.of(),
            Map.of("traffic.sidecar.istio.io/" + annotation, value),
            false,
            true,
            CronRuns.of(Duration.ofDays(7)));
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(ns -> job)
                .with(sidecarPod("httpbin").ports(8080))
                .with(
                    service("httpbin").port(8000, 8080),
                    service("api").selector(Map.of()).port(443, 6443)));

    List<String> told = RareClients.of(MeshModes.resolve(mesh), PlanSpec.standard("q4"));

    assertEquals(
        List.of(
                "CronJob foo/report, whose calls bypass its sidecar, runs PT168H apart, more than"
                    + " the plaintext window of PT24H")
            .subList(0, rare),
        told);
  }

  /** The label of a namespace may go on naming a revision, or a tag, that was removed. */
  @ParameterizedTest
  @CsvSource({
    "istio.io/rev, prod-stable, a, a, 0",
    "istio.io/rev, 1-26, a, a, 1",
    "istio-injection, enabled, a, a, 1",
    "a, a, istio.io/rev, prod-stable, 0",
    "a, a, istio.io/rev, 1-26, 1",
    "a, a, sidecar.istio.io/inject, true, 1",
    "istio.io/rev, prod-stable, istio.io/rev, 1-26, 0",
  })
  void areThoseWhoseLabelNoWebhookAnswersTo(
      String label, String value, String podLabel, String podValue, int rare) {
    List<String> told =
        told(
            label,
            value,
            Map.of(podLabel, podValue),
            "istio.io/rev=prod-stable",
            "istio.io/rev=1-27");

    assertEquals(rare, told.size(), told::toString);
  }

  /** As in OpenShift Service Mesh 2. */
  @Test
  void areNotThoseOfAMeshWhoseWebhookAnswersToOtherLabels() {
    assertEquals(
        List.of(), told("istio-injection", "enabled", Map.of(), "maistra.io/member-of=mesh"));
  }

  private static List<String> told(
      String label, String value, Map<String, String> podLabels, String... answered) {
    JobTemplate job =
        new JobTemplate(
            new ObjectRef("CronJob", "foo", "report"),
            podLabels,
            Map.of(),
            false,
            false,
            CronRuns.of(Duration.ofDays(7)));
    ObjectRef webhook =
        new ObjectRef("MutatingWebhookConfiguration", "", "istio-revision-tag-prod-stable");
    MeshSnapshot mesh =
        MeshSnapshot.of(
            MeshSettings.DEFAULT,
            Instant.parse("2026-10-24T23:00:00Z"),
            List.of(namespace("foo").label(label, value).with(ns -> job).build()),
            List.of(new ApiServerCalls(webhook, List.of(), Set.of(answered))));
    return RareClients.of(MeshModes.resolve(mesh), PlanSpec.standard("q4"));
  }

  private static List<String> rare(String now) {
    RunPeriod daily =
        new RunPeriod(Duration.ofHours(24), Duration.ofHours(25), ZoneId.of("Europe/Berlin"));
    return rare(CronRuns.of(daily), now);
  }

  private static List<String> rare(CronRuns runs, String now) {
    return rare(runs, now, LONG);
  }

  private static PodBuilder run() {
    return pod("report-29400000-abcde").of("CronJob", "report").ip("10.0.0.9");
  }

  /** A run that is under way has a pod. */
  private static List<String> rare(CronRuns runs, String now, Duration soak) {
    return rare(runs, now, soak, runs.active() ? List.of(run()) : List.of());
  }

  private static List<String> rare(
      CronRuns runs, String now, Duration soak, List<PodBuilder> pods) {
    ObjectRef ref = new ObjectRef("CronJob", "legacy", "report");
    JobTemplate job = new JobTemplate(ref, Map.of(), Map.of(), false, false, runs);
    return RareClients.of(
        MeshModes.resolve(
            MeshSnapshot.of(
                MeshSettings.DEFAULT,
                Instant.parse(now),
                List.of(
                    namespace("legacy")
                        .with(ns -> job)
                        .with(pods.toArray(PodBuilder[]::new))
                        .build()))),
        soaking(soak));
  }

  private static PlanSpec soaking(Duration soak) {
    PlanSpec spec = PlanSpec.standard("q4");
    PlanWindows usual = PlanWindows.of(spec);
    return new PlanWindows(
            usual.plaintextWindow(), soak, usual.audit(), usual.verificationDuration())
        .in(spec);
  }
}
