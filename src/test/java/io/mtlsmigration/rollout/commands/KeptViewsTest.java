// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.MeshTally;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.OwningPlan;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever changes in whatever order: what is kept of views is what they would be from scratch. */
final class KeptViewsTest {

  private static final Instant START = QuietObservation.NOW;

  @Test
  void whatIsKeptIsWhatItWouldBeFromScratch() {
    Seeds.each(
        60,
        draw -> {
          World world = new World(draw);
          PlanCommands kept = world.commands();
          for (int turn = 0; turn < 80; turn++) {
            String change = world.change();
            world.assertSame(kept, "turn " + turn + ", " + change);
          }
        });
  }

  /** A mesh and a plan that changes go to. */
  private static final class World {
    private final Draw draw;
    private final MemoryLedger ledger = new MemoryLedger();
    private MeshModes modes = MeshModes.resolve(Worlds.task());
    private Instant now = START;

    World(Draw draw) {
      this.draw = draw;
      PlanRecord plan =
          new PlanRecord(
              spec(),
              "uid",
              "",
              1,
              PlanPhase.RUNNING,
              "ann",
              START,
              START,
              null,
              waves(),
              Map.of(),
              "",
              List.of());
      ledger.save(plan);
    }

    PlanCommands commands() {
      return new PlanCommands(
          ledger,
          () ->
              new QuietObservation(modes.snapshot()) {
                @Override
                public MeshModes modes() {
                  return modes;
                }
              },
          Clock.fixed(now, ZoneOffset.UTC),
          Limits.DEFAULT,
          PlanLimits.REAL_MESH);
    }

    private PlanRecord plan() {
      return ledger.plan("plan").orElseThrow();
    }

    private PlanSpec spec() {
      Specs specs = draw.coin() ? Specs.mesh() : Specs.namespaces(name(), name());
      return (draw.coin() ? specs : specs.except(name(), "httpbin", 9090)).spec();
    }

    private List<Wave> waves() {
      return draw.list(
          0,
          3,
          () ->
              new Wave(
                  "wave-" + draw.below(9),
                  draw.list(0, 4, () -> new Wave.Member(name(), "nobody calls it"))));
    }

    private String name() {
      return draw.of("bar", "foo", "legacy", "ns0", "ns1", "ns2", "ns3", "istio-system");
    }

    String change() {
      return switch (draw.below(8)) {
        case 0, 1, 2 -> step();
        case 3, 4 -> facts();
        case 5 -> "the root policy, " + root();
        case 6 -> planned();
        default -> "nothing";
      };
    }

    private String step() {
      StepKey key = draw.percent(15) ? StepKey.MESH : new StepKey(name());
      Phase phase = draw.of(Phase.class);
      StepRecord step =
          ledger
              .step("plan", key)
              .orElseGet(
                  () -> StepRecord.begin("plan", key, "uid", phase, now, Reason.PLAN_STARTED, ""))
              .entered(phase, now, draw.of(Reason.class), "turns " + phase, draw.coin())
              .withGates(draw.list(0, 3, this::gate), draw.coin() ? now : null)
              .withVerifyingUntil(draw.coin() ? now.plusSeconds(draw.below(99)) : null)
              .withHealth(
                  draw.coin()
                      ? null
                      : new StepRecord.Health(now, Reason.NOT_ENFORCED, "ill", Set.of()));
      ledger.save(step);
      return "step " + key + " " + phase;
    }

    private GateResult gate() {
      return new GateResult(
          draw.of(Gate.class),
          draw.of(GateResult.Result.class),
          draw.of(Reason.class),
          "judged",
          List.of(),
          now);
    }

    private String facts() {
      String name = name();
      NavigableMap<String, NamespaceFacts> all = new TreeMap<>(modes.snapshot().namespaces());
      NamespaceFacts gone = all.remove(name);
      if (gone == null || draw.percent(80)) {
        all.put(name, namespace(name));
      }
      see(all);
      return "namespace " + name;
    }

    private NamespaceFacts namespace(String name) {
      NamespaceBuilder built = draw.coin() ? Worlds.injected(name) : MeshBuilders.namespace(name);
      if (draw.coin()) {
        built.with(MeshBuilders.pod("bare"));
      }
      if (draw.coin()) {
        built.with(MeshBuilders.policy("default", draw.of(MtlsMode.class)));
      }
      NamespaceFacts facts = built.build();
      return draw.coin() ? facts : facts.withPods(List.of());
    }

    private MtlsMode root() {
      MtlsMode mode = draw.of(MtlsMode.class);
      NavigableMap<String, NamespaceFacts> all = new TreeMap<>(modes.snapshot().namespaces());
      all.put("istio-system", Worlds.root(mode).build());
      see(all);
      return mode;
    }

    private void see(NavigableMap<String, NamespaceFacts> all) {
      MeshSnapshot last = modes.snapshot();
      modes =
          modes.refresh(
              new MeshSnapshot(last.settings(), now, all, last.clusterObjects(), List.of()));
    }

    private String planned() {
      PlanRecord plan = plan();
      PlanRecord next =
          switch (draw.below(4)) {
            case 0 -> plan.withPhase(draw.of(PlanPhase.class), START, draw.coin() ? null : now);
            case 1 -> plan.withWaves(waves(), Map.of(), "");
            case 2 -> plan.withSpec(spec());
            default -> plan.withPhase(PlanPhase.RUNNING, START, null);
          };
      ledger.save(next);
      return "plan " + next.phase();
    }

    void assertSame(PlanCommands kept, String after) {
      PlanRecord plan = plan();
      PlanCommands scratch = commands();
      assertEquals(scratch.waitingOn(plan), kept.waitingOn(plan), after);
      assertEquals(scratch.progress(plan), kept.progress(plan), after);
      MeshTally counted = MeshModes.resolve(modes.snapshot()).tally();
      assertEquals(counted, modes.tally(), after);
      assertEquals(
          List.copyOf(counted.namespaces().keySet()),
          List.copyOf(modes.tally().namespaces().keySet()));
      Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
      for (StepRecord step : ledger.steps("plan")) {
        if (!step.key().isMesh() && OwningPlan.speaks(plan, step)) {
          phases.merge(step.phase(), 1, Integer::sum);
        }
      }
      assertEquals(phases, OwningPlan.byPhase(ledger), after);
    }
  }
}
