// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.AuditScenarioTest;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.SimulatedMesh;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What the gate says of evidence, at its edges; what comes of it is in {@link AuditScenarioTest}.
 */
final class AuditCheckTest {

  private static final Instant NOW = SimulatedMesh.START;
  private static final Duration LENGTH = Duration.ofMinutes(10);
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");

  private Specs specs = Specs.namespaces("foo").audit(LENGTH);
  private MeshBuilders.NamespaceBuilder foo = Worlds.injected("foo").with(AuditCheckTest::dryRun);
  private StepKey key = new StepKey("foo");
  private @Nullable Instant placed = NOW.minus(LENGTH).minusSeconds(1);
  private Evidence<List<ShadowDenial>> evidence = new Evidence.Measured<>(List.of(), NOW);
  private @Nullable Instant passed;
  private Set<String> refused = Set.of();
  private @Nullable Instant askedFrom;

  private static AuthorizationPolicy dryRun(String namespace) {
    return new DryRunPolicy(namespace, Set.of()).shown("uid 1");
  }

  /** Knows of nothing but the dry run. */
  private final class Seen extends QuietObservation {
    Seen() {
      super(MeshBuilders.mesh(namespace("istio-system"), foo));
    }

    @Override
    public Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
      askedFrom = from;
      return evidence;
    }
  }

  private GateResult judge() {
    return new AuditCheck().evaluate(context());
  }

  private @Nullable GateResult unmeasured() {
    return new AuditCheck().unmeasured(context(), judge());
  }

  private GateContext context() {
    DryRun run = placed == null ? null : DryRun.begin("m").intended().placed("uid 1", placed);
    if (run != null && passed != null) {
      run = run.passed(passed, refused);
    }
    StepRecord step =
        StepRecord.begin("plan", key, "uid", Phase.AUDITING, NOW, Reason.AUDIT_RUNS, "")
            .withDryRun(run);
    return new Seen().context(specs.spec(), step);
  }

  private void denied(WorkloadRef server, int port, long count) {
    evidence = new Evidence.Measured<>(List.of(new ShadowDenial(server, port, count, 7)), NOW);
  }

  @Test
  void passesWhenItWasLongEnoughAndRefusedNobody() {
    assertEquals(GateResult.Result.PASS, judge().result());
    assertEquals(NOW.minus(LENGTH), askedFrom);
  }

  @Test
  void asksOnlyForTheTimeSinceItWasPlaced() {
    placed = NOW.minusSeconds(5);

    assertEquals(Reason.AUDIT_RUNS, judge().reason());
    assertEquals(placed, askedFrom);
  }

  @Test
  void doesNotPassOnWhatWasReadBeforeItsEnd() {
    placed = NOW.minus(LENGTH);
    evidence = new Evidence.Measured<>(List.of(), NOW.minusSeconds(1));

    assertEquals(Reason.AUDIT_RUNS, judge().reason());
  }

  @Test
  void doesNotPassOnEvidenceThatIsOld() {
    placed = NOW.minus(LENGTH.multipliedBy(2));
    evidence =
        new Evidence.Measured<>(List.of(), NOW.minus(Limits.DEFAULT.evidenceAge()).minusSeconds(1));

    assertEquals(Reason.EVIDENCE_UNAVAILABLE, judge().reason());
  }

  /** A person who lets somebody be refused has not agreed to what nobody counts any more. */
  @Test
  void whatIsNotCountedIsNotMeasured() {
    denied(HTTPBIN, 8080, 1);
    assertNull(unmeasured());
    evidence = new Evidence.Measured<>(List.of(), NOW);
    assertNull(unmeasured());

    evidence = new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "down");

    assertEquals(judge(), unmeasured());
  }

  /** Nor to a dry run whose time is not over, or that has not begun. */
  @Test
  void theRestOfItsTimeIsNotMeasured() {
    placed = NOW.minusSeconds(5);
    denied(HTTPBIN, 8080, 1);
    assertEquals(Reason.WOULD_BE_REFUSED, judge().reason());
    assertEquals(Reason.AUDIT_RUNS, Objects.requireNonNull(unmeasured()).reason());

    evidence = new Evidence.Measured<>(List.of(), NOW);
    assertEquals(judge(), unmeasured());
    placed = null;
    assertEquals(Reason.AUDIT_AWAITED, Objects.requireNonNull(unmeasured()).reason());
  }

  @Test
  void aRefusalIsToldHoweverOldTheEvidence() {
    Instant old = NOW.minus(Limits.DEFAULT.evidenceAge()).minusSeconds(1);
    evidence = new Evidence.Measured<>(List.of(new ShadowDenial(HTTPBIN, 8080, 1, 7)), old);

    assertEquals(Reason.WOULD_BE_REFUSED, judge().reason());
    assertEquals(Reason.EVIDENCE_UNAVAILABLE, Objects.requireNonNull(unmeasured()).reason());
  }

  /** Its end does not make those pass whom a person had let pass: that person's word does. */
  @Test
  void whomItRefusedIsKeptWithItsResult() {
    passed = NOW.minusSeconds(30);
    refused = Set.of("foo/httpbin:8080");
    evidence = new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "nobody counts");

    GateResult said = judge();

    assertEquals(GateResult.Result.FAIL, said.result());
    assertEquals(Reason.WOULD_BE_REFUSED, said.reason());
    assertEquals(refused, new AuditCheck().found(context(), said));
    assertNull(unmeasured());
  }

  @Test
  void oneDenialIsEnough() {
    denied(HTTPBIN, 8080, 1);

    GateResult said = judge();

    assertEquals(Reason.WOULD_BE_REFUSED, said.reason());
    assertTrue(said.message().contains("foo/httpbin:8080, 1 request within"), said.message());
  }

  @Test
  void ownProbesAloneAreNobody() {
    denied(HTTPBIN, 8080, 0);

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void clientsOfGatewaysAreNotGoverned() {
    foo = Worlds.injected("foo").with(AuditCheckTest::dryRun).with(gatewayPod("gateway"));
    denied(new WorkloadRef("foo", "Deployment", "gateway"), 8443, 3);

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void aServerWhosePodsHaveEndedCounts() {
    foo =
        Worlds.foo()
            .with(AuditCheckTest::dryRun)
            .with(sidecarPod("batch").of("Job", "batch").terminated());
    denied(new WorkloadRef("foo", "Job", "batch"), 8080, 3);

    assertEquals(Reason.WOULD_BE_REFUSED, judge().reason());
  }

  @Test
  void aServerThatIsGoneCounts() {
    denied(new WorkloadRef("foo", "Pod", "gone"), 0, 3);

    GateResult said = judge();

    assertEquals(Reason.WOULD_BE_REFUSED, said.reason());
    assertTrue(said.message().contains("foo/gone, 3 requests"), said.message());
  }

  @Test
  void whatAnExceptionKeepsOpenIsNotRefused() {
    specs = specs.except("foo", "httpbin", 8080);
    denied(HTTPBIN, 8080, 3);

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void anotherPortIsNoException() {
    specs = specs.except("foo", "httpbin", 8080);
    denied(HTTPBIN, 9090, 3);

    assertEquals(Reason.WOULD_BE_REFUSED, judge().reason());
  }

  /** Its policy is gone by then, and nobody counts any more. */
  @Test
  void itsResultCountsWhenItIsOver() {
    passed = NOW.minusSeconds(30);
    evidence = new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "nobody counts");

    GateResult said = judge();

    assertEquals(GateResult.Result.PASS, said.result());
    assertEquals(Reason.HOLDS, said.reason());
    assertTrue(said.message().contains("to " + passed), said.message());
  }

  @Test
  void isNotBegunWhereNobodyWouldCount() {
    placed = null;
    evidence = new Evidence.Unavailable<>(Evidence.Reason.NOT_CONFIGURED, "nobody counts");

    GateResult said = judge();

    assertEquals(Reason.EVIDENCE_UNAVAILABLE, said.reason());
    assertTrue(said.message().contains("nobody counts"), said.message());
    assertEquals(NOW, askedFrom);
  }

  @Test
  void anIdleNamespaceHoldsUnlessThePlanSaysOtherwise() {
    evidence = new Evidence.NoSamples<>(NOW, "nobody called");
    assertEquals(Reason.NO_SAMPLES, judge().reason());

    specs = specs.noSamples(PlanSpec.NoSamples.PASS);

    assertEquals(GateResult.Result.PASS, judge().result());
  }

  @Test
  void theMeshStepHasNone() {
    key = StepKey.MESH;
    placed = null;

    GateResult said = judge();

    assertEquals(GateResult.Result.PASS, said.result());
    assertEquals(Reason.NOT_ASKED_FOR, said.reason());
  }

  @Test
  void anAmbientPodThatHasEndedEnforcesNothing() {
    foo = Worlds.injected("foo").with(AuditCheckTest::dryRun).with(ambientPod("job").terminated());

    assertEquals(GateResult.Result.PASS, judge().result());
  }
}
