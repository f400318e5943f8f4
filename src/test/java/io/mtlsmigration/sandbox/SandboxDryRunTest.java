// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRunPolicies.Placement;
import io.mtlsmigration.rollout.DryRunPolicies.Removal;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The stand-in proxies count what a dry run of STRICT would refuse, and refuse nobody. */
final class SandboxDryRunTest {

  private static final String TO = "foo/httpbin:8000";

  private final Stage stage =
      Stage.of(
          MeshBuilders.mesh(
              MeshBuilders.namespace("istio-system"),
              Worlds.injected("foo"),
              Worlds.injected("bar"),
              Worlds.legacy()));
  private final Instant from = stage.clock.instant();

  @AfterEach
  void close() {
    stage.close();
  }

  private Placement place(Set<Integer> notPorts) {
    return stage.sandbox.dryRuns().place(new DryRunPolicy("foo", notPorts), "plan:foo:1");
  }

  private Evidence<List<ShadowDenial>> denials() {
    return stage.sandbox.shadowRecord().denials("foo", from, stage.clock.instant());
  }

  private List<String> counted() {
    return switch (denials()) {
      case Evidence.Measured<List<ShadowDenial>>(var value, var asOf) ->
          value.stream()
              .map(d -> d.server().id() + ":" + d.port() + " " + d.count() + "+" + d.ownProbes())
              .toList();
      case Evidence.NoSamples<List<ShadowDenial>> none -> fail(none.toString());
      case Evidence.Unavailable<List<ShadowDenial>> none -> fail(none.toString());
    };
  }

  private String call(String from) {
    return Stage.brief(stage.call(from, TO));
  }

  @Test
  void countsPlaintextAndLetsItThrough() {
    assertEquals(new Placement.Placed(), place(Set.of()));

    assertEquals("200/0", call("legacy/curl"));
    assertEquals("200/0", call("bar/curl"));
    assertEquals("200/0", stage.outcome("legacy/curl", TO));

    assertEquals(List.of("foo/httpbin:8080 1+1"), counted());
  }

  @Test
  void sidecarsAloneAreNotCounted() {
    place(Set.of());

    call("bar/curl");

    assertEquals(List.of(), counted());
  }

  @Test
  void countsNothingWithoutADryRun() {
    call("legacy/curl");

    assertInstanceOf(Evidence.NoSamples.class, denials());
  }

  @Test
  void leavesOutThePortsThatItIsToldToLeaveOut() {
    place(Set.of(8080));

    call("legacy/curl");

    assertInstanceOf(Evidence.NoSamples.class, denials());
  }

  @Test
  void isPlacedOnceAndRemovedByItsOwnPlanOnly() {
    place(Set.of());
    assertInstanceOf(Placement.Found.class, place(Set.of()));
    assertInstanceOf(
        Placement.Refused.class,
        stage.sandbox.dryRuns().place(new DryRunPolicy("foo", Set.of()), "other:foo:1"));

    stage.sandbox.dryRuns().remove("foo", "other:foo:");
    assertEquals(1, policies().size());
    assertEquals(false, policies().getFirst().enforced());
    assertEquals(new Removal.Gone(), stage.sandbox.dryRuns().remove("foo", "plan:foo:"));

    assertEquals(List.of(), policies());
    call("legacy/curl");
    assertInstanceOf(Evidence.NoSamples.class, denials());
  }

  private List<AuthorizationPolicy> policies() {
    return Objects.requireNonNull(stage.snapshot().namespace("foo"))
        .others(AuthorizationPolicy.class);
  }

  @Test
  void saysWhenNobodyAnswers() {
    place(Set.of());
    stage.fault(Fault.Kind.EVIDENCE_DOWN, "foo", Duration.ofMinutes(1));
    assertInstanceOf(Evidence.Unavailable.class, denials());

    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofMinutes(1));

    assertInstanceOf(Placement.Unknown.class, place(Set.of()));
    assertInstanceOf(Removal.Failed.class, stage.sandbox.dryRuns().remove("foo", "plan:foo:"));
  }
}
