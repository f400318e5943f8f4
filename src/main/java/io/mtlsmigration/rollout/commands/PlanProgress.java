// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.EnumCounts;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.WaveOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a plan, and what it waits for. Immutable; made from the one before it, so that
 * only steps that have changed, or whose namespaces have, are looked at again: a plan may have ten
 * thousand.
 */
final class PlanProgress {

  /** The wait of a step whose record somebody has deleted. */
  private static final String RECORD = "record";

  private final PlanRecord plan;
  private final List<StepRecord> records;
  private final Object version;
  private final List<StepProgress> steps;
  private final Places places;
  private final List<Waiting> waiting;

  /** Those of its members, and the mesh, that exist and have no record. */
  private final List<StepKey> missing = new ArrayList<>();

  private final EnumCounts<Phase> phases = new EnumCounts<>(Phase.class);
  private int nothing;

  /** Steps for which nobody can say how long they take. */
  private int endless;

  /** Waves that have begun, and lock when those before them have. */
  private final BitSet begun = new BitSet();

  /** The latest end of a step that only waits for time to pass. */
  private Instant ends = Instant.MIN;

  /**
   * Returns the progress.
   *
   * @param before of the same plan, any time before; null to look at each step
   * @param steps in key order
   */
  static PlanProgress of(
      @Nullable PlanProgress before, PlanRecord plan, List<StepRecord> steps, MeshModes modes) {
    if (before != null && before.isOf(plan, steps, modes)) {
      return before;
    }
    PlanProgress known = before != null && sameTerms(before.plan, plan) ? before : null;
    List<StepProgress> next = new ArrayList<>(steps.size());
    MeshModes.Walk walk = modes.new Walk();
    int at = 0;
    for (StepRecord step : steps) {
      while (known != null && known.precedes(at, step)) {
        at++;
      }
      StepProgress likely = known != null && known.isAt(at, step) ? known.steps.get(at++) : null;
      NamespaceModes namespace =
          step.key().isMesh()
              ? null
              : walk.known(step.key().namespace(), likely == null ? null : likely.namespace());
      next.add(
          likely != null && likely.stays(step, namespace)
              ? likely
              : StepProgress.of(plan, step, namespace, modes));
    }
    Places places =
        before != null && before.places.fit(plan.waves(), next)
            ? before.places
            : Places.of(plan.waves(), next);
    return new PlanProgress(plan, steps, next, places, modes);
  }

  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed; equals would walk it
  private boolean isOf(PlanRecord other, List<StepRecord> others, MeshModes modes) {
    return plan == other && records == others && version == modes.version();
  }

  private boolean precedes(int at, StepRecord step) {
    return !isAt(at, step)
        && at < steps.size()
        && steps.get(at).step().key().compareTo(step.key()) < 0;
  }

  @SuppressWarnings("ReferenceEquality") // nearly all are the same objects
  private boolean isAt(int at, StepRecord step) {
    if (at >= steps.size()) {
      return false;
    }
    StepRecord there = steps.get(at).step();
    return there == step || there.key().equals(step.key());
  }

  /** Returns whether a step waits for the same under both. */
  private static boolean sameTerms(PlanRecord one, PlanRecord other) {
    return one.phase() == other.phase()
        && Objects.equals(one.endedAt(), other.endedAt())
        && one.spec().equals(other.spec());
  }

  private PlanProgress(
      PlanRecord plan,
      List<StepRecord> records,
      List<StepProgress> steps,
      Places places,
      MeshModes modes) {
    this.plan = plan;
    this.records = records;
    this.version = modes.version();
    this.steps = steps;
    this.places = places;
    boolean queued = false;
    for (StepProgress step : steps) {
      phases.count(step.step().phase());
      nothing += step.nothing() ? 1 : 0;
      queued |= step.pending() || step.gated();
      if (!step.pending() && !step.settled() && step.step().phase() != Phase.LOCKING) {
        Instant end = step.ends();
        endless += end == null ? 1 : 0;
        ends = end != null && end.isAfter(ends) ? end : ends;
      }
    }
    Queue queue = queued && plan.moving() ? new Queue(modes) : null;
    List<Waiting> all = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      StepProgress step = steps.get(i);
      if (queue != null && step.pending()) {
        all.add(queue.waiting(i));
      } else if (queue != null && step.gated() && !queue.open(i)) {
        begun.set(places.wave[i]);
        all.addAll(step.held());
        all.add(queue.waiting(i));
      } else {
        all.addAll(step.waiting());
      }
    }
    if (plan.phase() != PlanPhase.DRAFT) {
      addMissing(modes);
    }
    if (ended()) {
      for (StepKey key : missing) {
        // An aborted plan may have begun none of them.
        if (plan.phase() == PlanPhase.COMPLETED
            || !OwnPolicies.untold(plan, key, List.of(), modes).isEmpty()) {
          all.add(lost(key, modes));
        }
      }
    }
    this.waiting = Collections.unmodifiableList(all);
  }

  private void addMissing(MeshModes modes) {
    for (int w = 0; w < places.steps.length; w++) {
      for (int m = 0; m < places.steps[w].length; m++) {
        String name = plan.waves().get(w).members().get(m).namespace();
        if (places.steps[w][m] < 0 && modes.snapshot().namespace(name) != null) {
          missing.add(new StepKey(name));
        }
      }
    }
    boolean mesh = !steps.isEmpty() && steps.getFirst().step().key().isMesh();
    if (plan.spec().target() == PlanSpec.Target.MESH && !mesh) {
      missing.add(StepKey.MESH);
    }
  }

  /** Returns whether it has ended with what it wrote in place. */
  private boolean ended() {
    return plan.endedAt() != null && !plan.undoing();
  }

  private Waiting lost(StepKey key, MeshModes modes) {
    return new Waiting(
        key.toString(),
        RECORD,
        Reason.EVIDENCE_LOST,
        OwnPolicies.lost(plan, key, modes),
        started());
  }

  List<Waiting> waiting(MeshModes modes, Limits limits, Instant now) {
    if (!plan.active()) {
      return waiting;
    }
    List<Waiting> first = new ArrayList<>();
    if (plan.phase() == PlanPhase.PAUSED) {
      first.add(
          new Waiting(
              "", "resume", Reason.PLAN_PAUSED, "the plan is paused; resume it", started()));
    }
    if (plan.phase() == PlanPhase.RUNNING && limits.outdated(modes.snapshot(), now)) {
      first.add(
          new Waiting(
              "",
              "view",
              Reason.STALE_OBSERVATION,
              "a fresh view of the mesh: the last one is of "
                  + modes.snapshot().observedAt()
                  + ", and nothing is decided on one that is older than "
                  + limits.observationAge(),
              modes.snapshot().observedAt()));
    }
    if (first.isEmpty() && waiting.isEmpty()) {
      first.add(
          new Waiting(
              "", "tick", Reason.GATES_HOLD, "nothing holds it; the next tick goes on", started()));
    }
    if (first.isEmpty()) {
      return waiting;
    }
    first.addAll(waiting);
    return List.copyOf(first);
  }

  private Instant started() {
    Instant started = plan.startedAt();
    return started == null ? plan.createdAt() : started;
  }

  Progress progress(Instant now) {
    int locked = plan.undone() ? 0 : phases.of(Phase.LOCKED);
    int total = steps.isEmpty() ? members() : steps.size() - nothing + missing.size();
    int percent = total == 0 ? (steps.isEmpty() ? 0 : 100) : (int) (100L * locked / total);
    return new Progress(total, locked, phases.map(), percent, eta(now));
  }

  private int members() {
    return plan.waves().stream().mapToInt(w -> w.members().size()).sum();
  }

  /** Returns null unless only time is awaited: when a client stops its plaintext is unknown. */
  private @Nullable Duration eta(Instant now) {
    if (plan.phase() != PlanPhase.RUNNING || endless > 0) {
      return null;
    }
    Duration verification = plan.spec().verification().duration();
    Duration longest = phases.of(Phase.LOCKING) > 0 ? verification : Duration.ZERO;
    if (ends.isAfter(now.plus(longest))) {
      longest = Duration.between(now, ends);
    }
    longest = longest.plus(verification.multipliedBy(begun.cardinality()));
    Duration each = plan.spec().gates().soak().plus(verification);
    return phases.of(Phase.PENDING) > 0 ? longest.plus(each.multipliedBy(wavesLeft())) : longest;
  }

  private long wavesLeft() {
    long waves = 0;
    for (int[] wave : places.steps) {
      for (int place : wave) {
        if (place >= 0 && steps.get(place).pending()) {
          waves++;
          break;
        }
      }
    }
    boolean mesh =
        !steps.isEmpty() && steps.getFirst().step().key().isMesh() && steps.getFirst().pending();
    return waves + (mesh ? 1 : 0);
  }

  /** The places of waves' members among the steps; the same until a member or a step is added. */
  private static final class Places {
    private final List<Wave> waves;

    /** The steps, in order. */
    private final List<StepKey> keys;

    /** Of each wave, of each member: the place of its step, or -1 without one. */
    private final int[][] steps;

    /** Of each step: the first wave that it is in; beyond the last when it is in none. */
    private final int[] wave;

    private Places(List<Wave> waves, List<StepKey> keys) {
      this.waves = waves;
      this.keys = keys;
      this.steps = new int[waves.size()][];
      this.wave = new int[keys.size()];
      Arrays.fill(wave, waves.size());
    }

    static Places of(List<Wave> waves, List<StepProgress> all) {
      List<StepKey> keys = all.stream().map(one -> one.step().key()).toList();
      Map<String, Integer> byName = new HashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        if (!keys.get(i).isMesh()) {
          byName.put(keys.get(i).namespace(), i);
        }
      }
      Places places = new Places(waves, keys);
      for (int w = 0; w < waves.size(); w++) {
        List<Wave.Member> members = waves.get(w).members();
        int[] steps = new int[members.size()];
        for (int m = 0; m < members.size(); m++) {
          int place = byName.getOrDefault(members.get(m).namespace(), -1);
          steps[m] = place;
          if (place >= 0) {
            places.wave[place] = Math.min(places.wave[place], w);
          }
        }
        places.steps[w] = steps;
      }
      return places;
    }

    boolean fit(List<Wave> others, List<StepProgress> all) {
      if (all.size() != keys.size() || !others.equals(waves)) {
        return false;
      }
      for (int i = 0; i < keys.size(); i++) {
        if (!keys.get(i).equals(all.get(i).step().key())) {
          return false;
        }
      }
      return true;
    }
  }

  /** The waits of steps that have not locked for other steps. */
  private final class Queue {
    private final MeshModes modes;

    /** The last open wave: the first that is not settled. */
    private int open = -1;

    /** Of each wave, and beyond: what its members wait for while it is not open. */
    private final List<String> earlier = new ArrayList<>();

    Queue(MeshModes modes) {
      this.modes = modes;
      List<String> names = new ArrayList<>();
      int unsettled = 0;
      for (int w = 0; w < places.steps.length; w++) {
        before(names, unsettled);
        List<Wave.Member> members = plan.waves().get(w).members();
        for (int m = 0; m < members.size(); m++) {
          int place = places.steps[w][m];
          String name = members.get(m).namespace();
          if (place < 0 ? !WaveOrder.settled(null, modes, name) : !steps.get(place).settled()) {
            unsettled++;
            if (names.size() < Words.SHOWN) {
              names.add(
                  name + (place < 0 ? "" : " (" + Words.of(steps.get(place).step().phase()) + ")"));
            }
          }
        }
      }
      before(names, unsettled);
    }

    /** Adds what the next wave waits for; after the last one, what is in no wave. */
    private void before(List<String> names, int unsettled) {
      earlier.add("waits for earlier waves: " + Words.list(names, unsettled));
      open += unsettled == 0 ? 1 : 0;
    }

    Waiting waiting(int place) {
      StepRecord step = steps.get(place).step();
      if (step.key().isMesh()) {
        return mesh(step);
      }
      return open(place)
          ? StepProgress.waiting(
              step,
              "wave",
              Reason.PLAN_STARTED,
              "its wave is open; the next tick takes it up",
              step.since())
          : StepProgress.waiting(
              step, "wave", Reason.WAITS_FOR_WAVE, earlier.get(places.wave[place]), step.since());
    }

    boolean open(int place) {
      return places.wave[place] <= open;
    }

    private Waiting mesh(StepRecord mesh) {
      Map<StepKey, StepRecord> byKey = HashMap.newHashMap(steps.size());
      steps.forEach(one -> byKey.put(one.step().key(), one.step()));
      MeshReadiness others = WaveOrder.readiness(plan, byKey, modes);
      return StepProgress.waiting(
          mesh,
          Words.of(Gate.CAPTURE),
          Reason.NAMESPACES_NOT_LOCKED,
          others.complete()
              ? "every namespace is locked or exempt; the next tick takes it up"
              : "waits for namespaces that are neither locked nor exempt: " + others.names(),
          mesh.since());
    }
  }
}
