package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges a lock by its effects: nobody is harmed, and who should be refused is refused.
 *
 * <p>Harm needs positive evidence, and evidence that can be chance (one failed probe, one 503)
 * needs to be repeated. "No harm" needs all of it, taken after old connections have drained.
 */
final class Verification {

  private final GateContext context;
  private final Suspicion before;
  private final Instant from;
  private final Instant drained;
  private final IgnoredClients ignored;
  private final Map<Cell.Key, Instant> failing = new HashMap<>();
  private final Map<String, Long> failures = new HashMap<>();
  private @Nullable String lost;
  private @Nullable String doubt;
  private final TreeSet<String> silent = new TreeSet<>();
  private int tolerated;

  private Verification(GateContext context, Suspicion before) {
    this.context = context;
    this.before = before;
    this.from = from(context.step());
    this.drained = from.plus(context.limits().drain());
    this.ignored = new IgnoredClients(context.spec().verification().ignoreClients());
  }

  /** Closed set. */
  sealed interface Verdict {
    /** Positive evidence of harm. */
    record Failed(Reason reason, String message, Map<String, String> evidence) implements Verdict {}

    /** Nothing is wrong so far. */
    record Running(String message) implements Verdict {}

    /** The time is over, but something is missing or in doubt: go on. */
    record Insufficient(Reason reason, String message) implements Verdict {}

    record Passed(Map<String, String> evidence) implements Verdict {}
  }

  /**
   * What failed in the last round and has not been confirmed yet. Kept in memory only: a new leader
   * needs one round more.
   *
   * @param failing failed probes, and when each was first seen to fail
   * @param failures failed calls of mesh clients by namespace, where they are above the limit
   */
  record Suspicion(Map<Cell.Key, Instant> failing, Map<String, Long> failures) {
    static final Suspicion NONE = new Suspicion(Map.of(), Map.of());

    Suspicion {
      failing = Map.copyOf(failing);
      failures = Map.copyOf(failures);
    }
  }

  record Judgement(Verdict verdict, Suspicion suspicion) {}

  static Judgement judge(GateContext context, Suspicion before) {
    Verification run = new Verification(context, before);
    Verdict verdict = run.verdict();
    return new Judgement(verdict, new Suspicion(run.failing, run.failures));
  }

  /** Since when harm counts: since the write, or since a person asked to verify once more. */
  private static Instant from(StepRecord step) {
    Instant written = step.lastWrite();
    return written == null || step.asked() ? step.since() : written;
  }

  private Verdict verdict() {
    List<NamespaceFacts> subjects = subjects();
    Verdict harm = null;
    for (NamespaceFacts facts : subjects) {
      harm = harm == null ? traffic(facts.name()) : harm;
      harm = harm == null ? probes(context.cells().of(facts.name())) : harm;
    }
    if (harm != null) {
      return harm;
    }
    Instant until = context.step().verifyingUntil();
    if (until == null || context.now().isBefore(until)) {
      return new Verdict.Running(
          doubt != null ? doubt : "nobody is harmed so far; verified until " + until);
    }
    if (lost != null) {
      return new Verdict.Insufficient(Reason.EVIDENCE_LOST, lost);
    }
    if (doubt != null) {
      return new Verdict.Insufficient(Reason.NOT_ENFORCED, doubt);
    }
    return new Verdict.Passed(evidence());
  }

  private Map<String, String> evidence() {
    Map<String, String> evidence = new TreeMap<>();
    evidence.put("from", from.toString());
    evidence.put("until", context.now().toString());
    evidence.put("refusals", Integer.toString(tolerated));
    if (!silent.isEmpty()) {
      evidence.put(
          "accessLogs",
          "no connection is logged by "
              + Words.list(List.copyOf(silent))
              + ": nobody called, or access logging is off there; verified by probes and by what"
              + " clients' proxies count");
    }
    return evidence;
  }

  /** For the mesh: every namespace that has captured pods. */
  private List<NamespaceFacts> subjects() {
    if (!context.isMesh()) {
      return List.of(context.facts());
    }
    return context.observation().modes().snapshot().namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .toList();
  }

  private @Nullable Verdict traffic(String namespace) {
    TrafficReading reading =
        context.observation().traffic(context.spec().verification().duration());
    Verdict refused = inherits(namespace) ? refusals(reading.refusals(namespace)) : null;
    return refused != null ? refused : counted(namespace, reading.of(namespace));
  }

  private @Nullable Verdict counted(String namespace, Evidence<NamespaceTraffic> evidence) {
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) -> {
        if (ends(asOf)) {
          lost = "traffic evidence ends at " + asOf;
        }
        yield failures(namespace, traffic);
      }
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) -> {
        quiet(namespace, detail);
        yield null;
      }
      case Evidence.Unavailable<NamespaceTraffic>(var why, var detail) -> {
        lost = "traffic evidence is not available (" + Words.of(why) + "): " + detail;
        yield null;
      }
    };
  }

  /** Whether what is known until then says nothing of now, or of the time after the drain. */
  private boolean ends(Instant asOf) {
    return asOf.plus(context.limits().evidenceAge()).isBefore(context.now())
        || asOf.isBefore(drained);
  }

  /** Mesh-wide STRICT refuses nobody in a namespace that has a policy of its own. */
  private boolean inherits(String namespace) {
    return !context.isMesh()
        || context.observation().modes().namespace(namespace).namespacePolicy().isEmpty();
  }

  /** A short silence is normal where the long window has samples; a long one is a loss. */
  private void quiet(String namespace, String detail) {
    PlanSpec.Gates gates = context.spec().gates();
    boolean known =
        gates.noSamples() == PlanSpec.NoSamples.PASS
            || context.isMesh()
            || context.observation().traffic(gates.plaintextWindow()).of(namespace)
                instanceof Evidence.Measured<NamespaceTraffic>;
    if (!known) {
      lost = "no traffic is measured any more: " + detail;
    }
  }

  /**
   * Who was refused counts, whatever else is not known. That nobody was counts only when every
   * account was read; accounts without a line leave that to probes and to clients' proxies, for
   * where nothing is logged there never will be one.
   */
  private @Nullable Verdict refusals(Refusals told) {
    Verdict harm = refused(told.seen());
    if (harm != null) {
      return harm;
    }
    switch (told) {
      case Refusals.Read(var seen, var begin, var asOf) -> covered(begin, asOf);
      case Refusals.Silent(var seen, var begin, var asOf, var servers) -> {
        covered(begin, asOf);
        silent.addAll(servers);
      }
      case Refusals.Unreadable(var seen, var why, var detail) ->
          lost = "whether anybody is refused is not known (" + Words.of(why) + "): " + detail;
    }
    return null;
  }

  private void covered(Instant begin, Instant asOf) {
    Instant window = context.now().minus(context.spec().verification().duration());
    if (begin.isAfter(from) && begin.isAfter(window)) {
      lost = "whether anybody was refused is known from " + begin + " on only";
    } else if (ends(asOf)) {
      lost = "whether anybody is refused is known until " + asOf + " only";
    }
  }

  private @Nullable Verdict refused(List<Refusal> seen) {
    Map<String, Integer> clients = new TreeMap<>();
    int count = 0;
    for (Refusal refusal : seen) {
      if (!refusal.ownProbe()
          && !refusal.at().isBefore(from)
          && !ignored.ignores(refusal.client())) {
        count++;
        clients.merge(
            refusal.client().id() + " to " + refusal.server().id() + ":" + refusal.port(),
            1,
            Integer::sum);
      }
    }
    if (count <= context.spec().verification().maxRefusals()) {
      tolerated += count;
      return null;
    }
    Map<String, String> evidence = new TreeMap<>();
    clients.forEach((client, n) -> evidence.put(client, n + " refused"));
    return new Verdict.Failed(
        Reason.CLIENTS_REFUSED,
        "STRICT refuses " + Words.list(List.copyOf(clients.keySet())),
        evidence);
  }

  private @Nullable Verdict failures(String namespace, NamespaceTraffic after) {
    double limit = context.spec().verification().maxClientFailureRatio();
    if (after.clientFailures() == 0
        || ratio(after.clientFailures(), after.clientRequests()) - baseline(namespace, after)
            <= limit) {
      return null;
    }
    Long suspected = before.failures().get(namespace);
    if (suspected == null || after.clientFailures() <= suspected) {
      // One 503 may be a rolling restart: it counts when more follow.
      failures.put(namespace, suspected == null ? after.clientFailures() : suspected);
      doubt = "calls of mesh clients to " + namespace + " have failed; not confirmed yet";
      return null;
    }
    return new Verdict.Failed(
        Reason.CLIENTS_FAILING,
        "calls of mesh clients to " + namespace + " fail more than before",
        Map.of(
            "requests", Long.toString(after.clientRequests()),
            "failures", Long.toString(after.clientFailures()),
            "limit", Double.toString(limit)));
  }

  /** The ratio in the long window, what came after the lock left out. */
  private double baseline(String namespace, NamespaceTraffic after) {
    Evidence<NamespaceTraffic> wide =
        context.observation().traffic(context.spec().gates().plaintextWindow()).of(namespace);
    if (wide instanceof Evidence.Measured<NamespaceTraffic>(var all, var asOf)) {
      return ratio(
          all.clientFailures() - after.clientFailures(),
          all.clientRequests() - after.clientRequests());
    }
    return 0;
  }

  private static double ratio(long failed, long all) {
    return all <= 0 ? (failed > 0 ? 1 : 0) : (double) Math.max(failed, 0) / all;
  }

  private @Nullable Verdict probes(List<Cell> cells) {
    List<String> confirmed = new ArrayList<>();
    boolean probed = context.isMesh() && cells.stream().noneMatch(Cell::meshClient);
    for (Cell cell : cells) {
      if (ignored.ignores(cell.from()) || cell.checkedAt().isBefore(from)) {
        continue;
      }
      if (cell.meshClient() && failed(cell)) {
        suspect(cell, confirmed);
      } else if (!cell.checkedAt().isBefore(drained)) {
        probed |= cell.meshClient() && cell.outcome() == ProbeOutcome.OK;
        effect(cell);
      }
    }
    if (!probed && baselineHeld()) {
      lost = "no client with a proxy has probed since old connections have drained";
    }
    if (confirmed.isEmpty()) {
      return null;
    }
    Map<String, String> evidence = new TreeMap<>();
    confirmed.forEach(c -> evidence.put(c, "failed twice"));
    return new Verdict.Failed(
        Reason.PROBE_FAILED,
        "clients with a proxy do not get through: " + Words.list(confirmed),
        evidence);
  }

  private void suspect(Cell cell, List<String> confirmed) {
    Instant first = before.failing().get(cell.key());
    failing.put(cell.key(), first == null ? cell.checkedAt() : first);
    String words = cell.from() + " to " + cell.to() + " at " + cell.endpoint();
    if (first != null && cell.checkedAt().isAfter(first)) {
      confirmed.add(words);
    } else {
      doubt = "the probe from " + words + " failed; not confirmed yet";
    }
  }

  /** Who should be refused is refused: the effect, not the intent. */
  private void effect(Cell cell) {
    if (!cell.meshClient()
        && cell.expected() == ProbeOutcome.REFUSED
        && cell.outcome() == ProbeOutcome.OK) {
      doubt =
          "STRICT is not in effect: "
              + cell.from()
              + " still gets through to "
              + cell.to()
              + " at "
              + cell.endpoint();
    }
  }

  /** Without a baseline only a refusal tells that it is STRICT that does harm. */
  private boolean failed(Cell cell) {
    return switch (cell.outcome()) {
      case OK, SKIPPED -> false;
      case REFUSED -> true;
      case UNREACHABLE, TIMEOUT -> baselineHeld();
    };
  }

  private boolean baselineHeld() {
    GateResult probes = context.step().gate(Gate.PROBES);
    return probes != null
        && probes.reason() == Reason.HOLDS
        && !context.facts().services().isEmpty();
  }
}
