// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mtlsmigration.api.view.PlanView;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshCounts;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.sandbox.MemoryLedger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a read costs after a fact and a record have changed, in a mesh of 10,000 namespaces of which
 * each has a step: half of them are being observed, half wait for earlier waves. What is worked out
 * from scratch is told beside what is kept. Each turn makes a change first, which costs what {@link
 * #change} does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ViewsBenchmark {

  private static final int NAMESPACES = 10_000;
  private static final int WAVES = 10;
  private static final Instant NOW = QuietObservation.NOW;
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  private final MemoryLedger ledger = new MemoryLedger();
  private final LedgerGauges gauges = new LedgerGauges(new SimpleMeterRegistry(), CLOCK);
  private PlanCommands commands;
  private MeshModes modes = MeshModes.resolve(facts());
  private int turn;

  @Setup
  public void setUp() {
    commands = commands();
    List<Wave> waves = new ArrayList<>();
    for (int w = 0; w < WAVES; w++) {
      List<Wave.Member> members = new ArrayList<>();
      for (int i = w; i < NAMESPACES; i += WAVES) {
        members.add(new Wave.Member(name(i), "nobody calls it"));
      }
      waves.add(new Wave("wave-" + w, members));
    }
    PlanRecord draft = Records.plan(Records.spec("plan"));
    ledger.save(
        Records.with(
            draft.withWaves(waves, draft.exempt(), draft.observation()), PlanPhase.RUNNING));
    for (int i = 0; i < NAMESPACES; i++) {
      Phase phase = i % WAVES < WAVES / 2 ? Phase.OBSERVING : Phase.PENDING;
      StepRecord step =
          StepRecord.begin(
              "plan", new StepKey(name(i)), "uid", phase, NOW, Reason.PLAN_STARTED, "begins");
      ledger.save(phase == Phase.PENDING ? step : step.withGates(gates(), null));
    }
    MeshCounts unused = meshFromScratch();
    if (!plan().equals(planFromScratch())) {
      throw new IllegalStateException("what is kept is something else");
    }
  }

  private static String name(int number) {
    return "namespace-%05d".formatted(number);
  }

  private static MeshSnapshot facts() {
    List<NamespaceBuilder> all = new ArrayList<>();
    all.add(MeshBuilders.namespace("istio-system"));
    for (int i = 0; i < NAMESPACES; i++) {
      all.add(Worlds.injected(name(i)).with(MeshBuilders.sidecarPod("app").ports(8080)));
    }
    MeshSnapshot facts = MeshBuilders.mesh(all.toArray(new NamespaceBuilder[0]));
    return new MeshSnapshot(facts.settings(), NOW, facts.namespaces(), List.of(), List.of());
  }

  private static List<GateResult> gates() {
    return List.of(
        gate(Gate.CAPTURE, GateResult.Result.PASS),
        gate(Gate.HAZARDS, GateResult.Result.PASS),
        gate(Gate.PLAINTEXT, GateResult.Result.FAIL),
        gate(Gate.PROBES, GateResult.Result.INCONCLUSIVE),
        gate(Gate.SYNC, GateResult.Result.PASS),
        gate(Gate.SOAK, GateResult.Result.FAIL));
  }

  private static GateResult gate(Gate gate, GateResult.Result result) {
    return new GateResult(gate, result, Reason.SOAKING, "it takes its time", List.of(), NOW);
  }

  private PlanCommands commands() {
    return new PlanCommands(
        ledger,
        () ->
            new QuietObservation(MeshBuilders.mesh()) {
              @Override
              public MeshModes modes() {
                return modes;
              }
            },
        CLOCK,
        Limits.DEFAULT,
        PlanLimits.REAL_MESH);
  }

  /** A pod of one namespace and the record of another. */
  @Benchmark
  public MeshModes change() {
    turn = (turn + 7919) % NAMESPACES;
    NamespaceFacts facts = Objects.requireNonNull(modes.snapshot().namespace(name(turn)));
    modes = modes.refresh(modes.snapshot().with(facts.withPods(List.copyOf(facts.pods()))));
    StepRecord step = ledger.step("plan", new StepKey(name(NAMESPACES - 1 - turn))).orElseThrow();
    StepRecord unused = ledger.save(step.withMessage("turn " + turn));
    return modes;
  }

  @Benchmark
  public PlanView plan() {
    MeshModes unused = change();
    return PlanView.of(ledger.plan("plan").orElseThrow(), commands);
  }

  @Benchmark
  public PlanView planFromScratch() {
    MeshModes unused = change();
    return PlanView.of(ledger.plan("plan").orElseThrow(), commands());
  }

  @Benchmark
  public MeshCounts mesh() {
    return MeshCounts.of(change(), ledger);
  }

  @Benchmark
  public MeshCounts meshFromScratch() {
    return MeshCounts.of(MeshModes.resolve(change().snapshot()), ledger);
  }

  @Benchmark
  public void gauges() {
    gauges.count(ledger);
  }
}
