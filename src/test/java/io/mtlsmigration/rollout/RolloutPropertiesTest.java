// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Halted;
import io.mtlsmigration.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whatever happens in whatever order to whatever mesh. */
class RolloutPropertiesTest {

  /** What may happen between two seconds. */
  enum Happening {
    NOTHING,
    EVIDENCE_DOWN,
    EVIDENCE_UP,
    PROBES_DOWN,
    PROBES_UP,
    PROXIES_STALE,
    PROXIES_FOLLOW,
    API_DOWN,
    API_UP,
    HALT_AFTER_NEXT_WRITE,
    HALT_BEFORE_NEXT_WRITE,
    NEW_LEADER,
    LEGACY_CALLS,
    A_PROBE_FAILS,
    PROBES_PASS,
    PAUSE,
    RESUME,
    ROLLBACK_ONE,
    RETRY_ONE,
    EXEMPT_ONE,
    SKIP_ONE,
    TIME_PASSES
  }

  /** A mesh, as a list of the policies that its namespaces begin with. */
  record World(List<MtlsMode> modes, MtlsMode mesh, boolean exception, boolean wholeMesh) {

    MeshSnapshot facts() {
      List<NamespaceBuilder> all = new ArrayList<>();
      NamespaceBuilder root = namespace("istio-system");
      all.add(mesh == MtlsMode.UNSET ? root : root.with(policy("default", mesh)));
      for (int i = 0; i < modes.size(); i++) {
        NamespaceBuilder one = Worlds.injected("ns" + i);
        all.add(modes.get(i) == MtlsMode.UNSET ? one : one.with(policy("own", modes.get(i))));
      }
      all.add(Worlds.legacy());
      return MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0]));
    }

    PlanSpec plan() {
      Specs specs = wholeMesh ? Specs.mesh() : Specs.namespaces("ns0", "ns1");
      specs.noSamples(PlanSpec.NoSamples.PASS);
      return (exception ? specs.except("ns0", "httpbin", 9090) : specs).spec();
    }
  }

  private static World world(Draw draw) {
    Supplier<MtlsMode> mode = () -> draw.of(MtlsMode.class);
    return new World(draw.list(2, 3, mode), mode.get(), draw.coin(), draw.coin());
  }

  private static List<Happening> happenings(Draw draw) {
    return draw.list(0, 60, () -> draw.of(Happening.class));
  }

  private static void inEachHistory(int count, BiConsumer<World, List<Happening>> property) {
    Seeds.each(
        count,
        draw -> {
          World world = world(draw);
          List<Happening> happenings = happenings(draw);
          try {
            property.accept(world, happenings);
          } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "\nin " + world + " after " + happenings, e);
          }
        });
  }

  private static SimulatedMesh begin(World world) {
    SimulatedMesh mesh = new SimulatedMesh(world.facts());
    mesh.calls("ns1/curl", "ns0/httpbin");
    mesh.commands.create(world.plan(), "ann");
    mesh.commands.act("plan", PlanAction.START, null, "ann", (plan, what) -> {});
    return mesh;
  }

  @Test
  void noForwardStepWeakensAnythingAndNoStepLeaps() {
    inEachHistory(
        150,
        (world, happenings) -> {
          SimulatedMesh mesh = begin(world);
          watch(mesh);

          happenings.forEach(h -> happen(mesh, h));
        });
  }

  /** Looks at every write as it is made. */
  private static void watch(SimulatedMesh mesh) {
    List<Map<String, String>> before = new ArrayList<>(List.of(mesh.effective()));
    mesh.api.afterApply =
        intent -> {
          Map<String, String> after = mesh.effective();
          boolean forward =
              switch (intent.change().purpose()) {
                case LOCK, ENABLE -> true;
                case EXCEPTION, EXEMPT, NEWBORN, ROLLBACK, CLEANUP -> false;
              };
          after.forEach(
              (pod, now) -> {
                String was = before.getFirst().getOrDefault(pod, now);
                assertFalse(
                    forward && was.startsWith("STRICT") && !now.startsWith("STRICT"),
                    () -> intent.change() + " weakens " + pod);
                assertFalse(leaps(was, now), () -> intent.change() + " leaps at " + pod);
              });
          before.set(0, after);
        };
  }

  private static boolean leaps(String was, String now) {
    return (was.startsWith("DISABLE") && now.startsWith("STRICT"))
        || (was.startsWith("STRICT") && now.startsWith("DISABLE"));
  }

  @Test
  void undoingThePlanRestoresEveryEffectiveModeButMakesNoneStricter() {
    inEachHistory(
        150,
        (world, happenings) -> {
          SimulatedMesh mesh = begin(world);
          Map<String, String> before = mesh.effective();
          happenings.forEach(h -> happen(mesh, h));
          calm(mesh);

          mesh.commands.act("plan", PlanAction.ROLLBACK, null, "ann");
          mesh.untilPlan("plan", PlanPhase.ROLLED_BACK, 120);

          Map<String, String> after = mesh.effective();
          before.forEach(
              (scope, mode) -> {
                // What the plan was asked to open, where STRICT was, stays open: to lock it needs
                // gates.
                boolean opened =
                    mode.startsWith("STRICT") && after.get(scope).contains("PERMISSIVE");
                assertTrue(
                    opened || mode.equals(after.get(scope)), () -> scope + mesh.story("plan"));
              });
        });
  }

  @Test
  void everyHistoryEndsWhereACalmOneDoes() {
    inEachHistory(
        100,
        (world, happenings) -> {
          SimulatedMesh calm = begin(world);
          calm.seconds(200);
          SimulatedMesh mesh = begin(world);
          happenings.stream()
              .filter(RolloutPropertiesTest::changesNobodysMind)
              .forEach(h -> happen(mesh, h));
          calm(mesh);

          mesh.seconds(250);

          assertEquals(calm.effective(), mesh.effective(), () -> mesh.story("plan"));
          assertEquals(calm.plan("plan").phase(), mesh.plan("plan").phase());
        });
  }

  /** Faults, as against what people decide and clients do. */
  private static boolean changesNobodysMind(Happening happening) {
    return switch (happening) {
      case LEGACY_CALLS, A_PROBE_FAILS, ROLLBACK_ONE, RETRY_ONE, EXEMPT_ONE, SKIP_ONE -> false;
      default -> true;
    };
  }

  private static void calm(SimulatedMesh mesh) {
    mesh.evidenceDown = false;
    mesh.probesDown = false;
    mesh.proxiesStale = false;
    mesh.api.down = false;
    mesh.failingProbes.clear();
    mesh.api.beforeApply = i -> {};
    mesh.api.haltAfter = 0;
    if (mesh.plan("plan").phase() == PlanPhase.PAUSED) {
      mesh.commands.act("plan", PlanAction.RESUME, null, "ann");
    }
    second(mesh);
  }

  private static void second(SimulatedMesh mesh) {
    try {
      mesh.second();
    } catch (Halted e) {
      mesh.api.beforeApply = i -> {};
      mesh.loop = mesh.leader();
    }
  }

  private static void happen(SimulatedMesh mesh, Happening happening) {
    switch (happening) {
      case EVIDENCE_DOWN -> mesh.evidenceDown = true;
      case EVIDENCE_UP -> mesh.evidenceDown = false;
      case PROBES_DOWN -> mesh.probesDown = true;
      case PROBES_UP -> mesh.probesDown = false;
      case PROXIES_STALE -> mesh.proxiesStale = true;
      case PROXIES_FOLLOW -> mesh.proxiesStale = false;
      case API_DOWN -> mesh.api.down = true;
      case API_UP -> mesh.api.down = false;
      case HALT_AFTER_NEXT_WRITE -> mesh.api.haltAfter = mesh.api.effects() + 1;
      case HALT_BEFORE_NEXT_WRITE ->
          mesh.api.beforeApply =
              i -> {
                throw new Halted("before a write");
              };
      case NEW_LEADER -> mesh.loop = mesh.leader();
      case LEGACY_CALLS ->
          mesh.calls("legacy/curl", "ns0/httpbin", Duration.ZERO, Duration.ofSeconds(2));
      case A_PROBE_FAILS -> mesh.failingProbes.add("ns1/curl");
      case PROBES_PASS -> mesh.failingProbes.clear();
      case PAUSE -> plan(mesh, PlanAction.PAUSE);
      case RESUME -> plan(mesh, PlanAction.RESUME);
      case ROLLBACK_ONE -> step(mesh, StepAction.ROLLBACK);
      case RETRY_ONE -> step(mesh, StepAction.RETRY);
      case EXEMPT_ONE -> step(mesh, StepAction.EXEMPT);
      case SKIP_ONE -> step(mesh, StepAction.SKIP);
      case TIME_PASSES -> {
        for (int i = 0; i < 8; i++) {
          second(mesh);
        }
      }
      case NOTHING -> {
        // a second passes
      }
    }
    second(mesh);
  }

  private static void plan(SimulatedMesh mesh, PlanAction action) {
    if (mesh.commands.allowedActions(mesh.plan("plan")).contains(action)) {
      mesh.commands.act("plan", action, null, "ann");
    }
  }

  private static void step(SimulatedMesh mesh, StepAction action) {
    StepRecord step = mesh.step("plan", "ns0");
    if (mesh.commands.allowedActions(mesh.plan("plan"), step).contains(action)) {
      mesh.commands.act("plan", step.key(), action, "", null, "ann", (plan, what) -> {});
    }
  }
}
