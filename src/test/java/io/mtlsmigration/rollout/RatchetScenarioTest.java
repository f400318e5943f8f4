// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Ratchet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Nothing is weakened while the ratchet holds it, and the service lifts it before it weakens. */
class RatchetScenarioTest extends RolloutScenario {

  private void lockFoo() {
    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 200);
    mesh.ratchet.install(held("foo"));
  }

  private static Specs waves() {
    return Specs.namespaces("foo", "bar").wave("w", "foo").wave("x", "bar");
  }

  private static Ratchet held(String... keys) {
    Map<String, String> entries = new TreeMap<>();
    entries.put(Ratchet.ROOT, "istio-system");
    for (String key : keys) {
      entries.put(key, "STRICT");
    }
    return Ratchet.of(entries);
  }

  @Test
  void liftsTheEntryOfTheNamespaceBeforeItIsRolledBack() {
    lockFoo();
    mesh.ratchet.install(held("foo", "bar"));

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    assertEquals(List.of("foo"), mesh.ratchet.lifted);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertTrue(
        mesh.ledger.events("plan").stream()
            .anyMatch(
                event ->
                    event.type() == Event.Type.RATCHET_LIFTED && event.subject().equals("foo")));
  }

  @Test
  void holdsWhenTheRatchetCannotBeLiftedAndSaysWhatToDo() {
    lockFoo();
    mesh.ratchet.stuck = "ConfigMap x cannot be changed; grant patch on it";

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(20);

    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertEquals(Phase.ROLLING_BACK, mesh.phase("plan", "foo"));
    assertEquals(
        "the ratchet does not let go: ConfigMap x cannot be changed; grant patch on it",
        mesh.step("plan", "foo").message());
  }

  @Test
  void goesOnOnceTheRatchetCanBeLifted() {
    lockFoo();
    mesh.ratchet.stuck = "no";
    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.seconds(5);

    mesh.ratchet.stuck = null;
    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);

    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  /** Admission reads the entries from a cache of its own. */
  @Test
  void waitsUntilADryRunOfTheWeakerPolicyPasses() {
    lockFoo();
    mesh.ratchet.lag = 3;

    mesh.commands.act("plan", FOO, StepAction.ROLLBACK, "", "ann");
    mesh.second();
    assertEquals(MtlsMode.STRICT, mesh.mode("foo"));
    assertTrue(
        mesh.step("plan", "foo").message().contains("mtls-migration-ratchet denied"),
        mesh.step("plan", "foo").message());

    mesh.until("plan", "foo", Phase.ROLLED_BACK, 60);
    assertEquals(List.of("foo"), mesh.ratchet.lifted);
  }

  @Test
  void isNoneOfTheBusinessOfALock() {
    mesh.ratchet.install(held("foo"));

    start(Specs.namespaces("foo"));
    mesh.until("plan", "foo", Phase.LOCKED, 200);

    assertEquals(List.of(), mesh.ratchet.lifted);
  }

  @Test
  void liftsTheMeshFirstWhenAPlanIsCleanedUp() {
    start(Specs.mesh());
    mesh.untilPlan("plan", PlanPhase.COMPLETED, 400);
    mesh.ratchet.install(held("_mesh", "foo", "bar"));

    mesh.commands.act("plan", PlanAction.CLEANUP, null, "ann");
    mesh.untilPlan("plan", PlanPhase.CLEANED_UP, 200);

    assertEquals("_mesh", mesh.ratchet.lifted.getFirst());
    assertEquals(List.of("_mesh", "bar", "foo"), mesh.ratchet.lifted.stream().sorted().toList());
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
  }

  @Test
  void liftsANamespaceThatIsExemptedUnderTheRatchetOfTheMesh() {
    mesh.ratchet.install(held("_mesh"));
    start(Specs.mesh());

    mesh.commands.act("plan", FOO, StepAction.EXEMPT, "cannot", "ann");
    mesh.seconds(3);

    assertEquals(List.of("foo"), mesh.ratchet.lifted);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("foo"));
    assertTrue(mesh.ratchet.installed.holds("bar"));
  }

  @Test
  void liftsANamespaceThatIsBornWhileTheMeshIsLocked() {
    mesh.ratchet.install(held("_mesh"));
    start(Specs.mesh().noSamples(PlanSpec.NoSamples.PASS));
    mesh.api.beforeApply =
        intent -> {
          boolean ready =
              mesh.phase("plan", "mesh") == Phase.LOCKING
                  && mesh.api.snapshot().namespace("late") == null;
          if (ready) {
            mesh.api.replace(Worlds.injected("late").build());
          }
        };

    mesh.until("plan", "mesh", Phase.LOCKING, 100);
    mesh.seconds(1);

    assertEquals(List.of("late"), mesh.ratchet.lifted);
    assertEquals(MtlsMode.PERMISSIVE, mesh.mode("late"), mesh.story("plan"));
  }

  @Test
  void liftsTheEntryForAnExceptionThatIsAddedToALockedNamespace() {
    start(waves());
    mesh.until("plan", "foo", Phase.LOCKED, 200);
    mesh.ratchet.install(held("foo"));

    PlanSpec next = waves().except("foo", "httpbin", 9090).spec();
    mesh.commands.replace("plan", next, mesh.plan("plan").version(), "ann");
    mesh.seconds(10);

    assertEquals(List.of("foo"), mesh.ratchet.lifted);
  }
}
