// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whose access logs are worth reading. */
final class RefusalReadingTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final MeshSnapshot MESH =
      mesh(
          namespace("istio-system").with(sidecarPod("prometheus")),
          namespace("foo").with(sidecarPod("httpbin")),
          namespace("outside").with(sidecarPod("server")),
          namespace("legacy").with(pod("curl")));

  private final MemoryLedger ledger = new MemoryLedger();

  private void plan(PlanSpec.Target target) {
    ledger.save(Records.plan(PlanSpec.standard("plan", target), "", PlanPhase.RUNNING));
  }

  private void step(StepKey key, Phase phase) {
    ledger.save(StepRecord.begin("plan", key, "uid", phase, NOW, Reason.PLAN_STARTED, ""));
  }

  private Set<String> focus() {
    return new RefusalReading.Focus(ledger, () -> MESH).get();
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"LOCKING", "VERIFYING", "ROLLING_BACK"})
  void watchesNamespacesWhoseLockIsMadeOrJudged(Phase phase) {
    plan(PlanSpec.Target.NAMESPACES);
    step(new StepKey("foo"), phase);
    step(new StepKey("outside"), Phase.LOCKED);

    assertEquals(Set.of("foo"), focus());
  }

  @Test
  void watchesEveryNamespaceByWhichTheMeshStepIsJudged() {
    plan(PlanSpec.Target.MESH);
    step(StepKey.MESH, Phase.VERIFYING);
    step(new StepKey("foo"), Phase.LOCKED);

    assertEquals(Set.of("istio-system", "foo", "outside"), focus());
  }

  @Test
  void watchesNothingWhereNothingIsLocked() {
    plan(PlanSpec.Target.MESH);
    step(StepKey.MESH, Phase.PENDING);
    step(new StepKey("foo"), Phase.OBSERVING);

    assertEquals(Set.of(), focus());
  }

  /** What was read of a namespace that comes out of focus is forgotten, refusals and all. */
  @Test
  void watchesOnWhatItKnewWhileTheLedgerCannotTell() {
    plan(PlanSpec.Target.NAMESPACES);
    step(new StepKey("foo"), Phase.VERIFYING);
    AtomicBoolean down = new AtomicBoolean();
    RolloutLedger flaky =
        (RolloutLedger)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {RolloutLedger.class},
                (proxy, method, arguments) -> {
                  if (down.get() && method.getName().equals("steps")) {
                    throw new RolloutLedger.UnavailableException("API server");
                  }
                  return method.invoke(ledger, arguments);
                });
    RefusalReading.Focus focus = new RefusalReading.Focus(flaky, () -> MESH);
    Set<String> before = focus.get();

    down.set(true);

    assertEquals(Set.of("foo"), before);
    assertEquals(before, focus.get());
  }
}
