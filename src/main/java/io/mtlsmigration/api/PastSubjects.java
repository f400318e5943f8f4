// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.toList;

import io.mtlsmigration.backtest.Subject;
import io.mtlsmigration.backtest.UnknownCause;
import io.mtlsmigration.backtest.UnknownTime;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.RareClients;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GovernedServers;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** The namespaces of a plan, with what is known of their past besides calls. */
final class PastSubjects {

  private static final Set<Phase> LOCKED = EnumSet.of(Phase.LOCKING, Phase.VERIFYING, Phase.LOCKED);

  private final PlanRecord plan;
  private final Observation observation;
  private final RolloutLedger ledger;
  private final List<String> rare;
  private final Map<String, Map<String, Instant>> locks = new HashMap<>();

  PastSubjects(PlanRecord plan, Observation observation, RolloutLedger ledger) {
    this.plan = plan;
    this.observation = observation;
    this.ledger = ledger;
    this.rare = RareClients.of(observation.modes(), plan.spec());
  }

  private @Nullable NamespaceFacts facts(String namespace) {
    return observation.modes().snapshot().namespace(namespace);
  }

  /** Returns the answer that needs no history; null when it needs one. */
  @Nullable Subject withoutHistory(String namespace) {
    Phase phase =
        ledger.step(plan.name(), new StepKey(namespace)).map(StepRecord::phase).orElse(null);
    if (phase == Phase.EXEMPT || phase == Phase.SKIPPED) {
      return new Subject.Left("the plan leaves it as it is: it is " + Words.of(phase) + " there");
    }
    NamespaceFacts facts = facts(namespace);
    if (facts == null) {
      return new Subject.Unknown(
          UnknownCause.NAMESPACE_GONE,
          "the namespace does not exist now, so that nobody knows its servers",
          false);
    }
    return facts.capturedPods() > 0
        ? null
        : new Subject.Unknown(
            UnknownCause.NOTHING_CAPTURED,
            "no pod of the namespace has a proxy now: there is nothing to lock",
            false);
  }

  Subject of(String namespace, @Nullable Evidence<PlaintextCalls> evidence) {
    NamespaceFacts facts = facts(namespace);
    return switch (evidence) {
      case Evidence.Measured<PlaintextCalls>(var calls, var asOf) when facts != null ->
          known(facts, calls, asOf);
      case Evidence.Unavailable<PlaintextCalls>(var reason, var detail) ->
          new Subject.Unknown(UnknownCause.EVIDENCE_UNAVAILABLE, detail, true);
      case null, default ->
          new Subject.Unknown(
              UnknownCause.EVIDENCE_UNAVAILABLE, "the source says nothing of it", true);
    };
  }

  private Subject known(NamespaceFacts facts, PlaintextCalls told, Instant asOf) {
    PlanSpec spec = plan.spec();
    PlaintextCalls calls =
        told.to(server -> GovernedServers.counts(facts, spec.exceptions(), server, 0));
    boolean hold = spec.gates().noSamples() == PlanSpec.NoSamples.HOLD;
    List<UnknownTime> doubts = new ArrayList<>();
    Set<WorkloadRef> sampled = new HashSet<>();
    List<String> uncaptured = new ArrayList<>();
    Map<WorkloadRef, GovernedServers.Server> governed =
        GovernedServers.of(facts, spec.exceptions());
    governed.forEach(
        (server, how) -> {
          if (!how.captured()) {
            uncaptured.add(server.id());
          } else if (how.listening() && hold) {
            sampled.add(server);
          }
        });
    strict(facts.name(), calls).ifPresent(doubts::add);
    Instant open = openSince(facts.name());
    if (open.isAfter(Instant.EPOCH)) {
      doubts.add(
          new UnknownTime(
              Instant.MIN,
              open,
              UnknownCause.STRICT,
              "until "
                  + open
                  + " STRICT refused plaintext, or may have, or pods took it that nobody watched"));
    }
    if (!uncaptured.isEmpty()) {
      doubts.add(
          UnknownTime.always(
              UnknownCause.PODS_UNCAPTURED,
              Words.list(uncaptured) + " has pods without a proxy now"));
    }
    SortedMap<WorkloadRef, ObjectRef> hidden =
        new ServerTelemetry(observation.modes().snapshot())
            .hidden(facts, server -> hold || calls.sampled().containsKey(server));
    hidden.keySet().retainAll(governed.keySet());
    if (!hidden.isEmpty()) {
      doubts.add(UnknownTime.always(UnknownCause.NO_LABEL, hidden(hidden)));
    }
    if (!rare.isEmpty()) {
      doubts.add(UnknownTime.always(UnknownCause.CRON_JOB_PERIOD, Words.list(rare)));
    }
    return new Subject.Known(calls, asOf, sampled, doubts);
  }

  /** Words for workloads whose plaintext is not counted now, with what hides it. */
  static String hidden(SortedMap<WorkloadRef, ObjectRef> hidden) {
    return hidden.entrySet().stream()
            .map(one -> one.getKey().id() + " (" + one.getValue() + ")")
            .collect(collectingAndThen(toList(), Words::list))
        + ": its plaintext is not counted now, and since when is not known";
  }

  private Instant openSince(String namespace) {
    return ledger.plans().stream()
        .flatMap(other -> ledger.step(other.name(), new StepKey(namespace)).stream())
        .map(StepRecord::openSince)
        .reduce(
            ledger.recentOpenings(observation.now()).openSince(namespace, observation.now()),
            (a, b) -> a.isAfter(b) ? a : b);
  }

  /**
   * Returns the time in which a STRICT of now may have been in force: since a plan wrote it, else,
   * as nobody knows who wrote it when, since the last call that was served.
   */
  private Optional<UnknownTime> strict(String namespace, PlaintextCalls calls) {
    if (!observation
        .modes()
        .namespace(namespace)
        .tally()
        .workloadsByPosture()
        .containsKey(Posture.STRICT)) {
      return Optional.empty();
    }
    Instant locked = locked(namespace);
    return Optional.of(
        new UnknownTime(
            locked == null ? lastServed(calls.to(strictNow(namespace)::contains)) : locked,
            Instant.MAX,
            UnknownCause.STRICT,
            locked == null
                ? "plaintext is refused now, and since when is not known"
                : "plaintext is refused since " + locked));
  }

  /**
   * Returns the servers that refuse plaintext now: a call that another one served tells nothing.
   */
  private Set<WorkloadRef> strictNow(String namespace) {
    NamespaceModes modes = observation.modes().namespace(namespace);
    Set<WorkloadRef> strict = new HashSet<>();
    for (Pod pod : modes.facts().pods()) {
      if (pod.dataPlane().captured() && modes.of(pod).mode() == MtlsMode.STRICT) {
        strict.add(pod.workload());
      }
    }
    return strict;
  }

  private @Nullable Instant locked(String namespace) {
    Instant latest = null;
    StepKey key = new StepKey(namespace);
    for (PlanRecord other : ledger.plans()) {
      StepRecord step = ledger.step(other.name(), key).orElse(null);
      if (step != null && LOCKED.contains(step.phase()) && !step.found()) {
        Instant begun = locks.computeIfAbsent(other.name(), this::lockings).get(key.toString());
        latest = begun == null || (latest != null && latest.isBefore(begun)) ? latest : begun;
      }
    }
    return latest;
  }

  /** Returns when each step of a plan last began to be locked, as far as events are kept. */
  private Map<String, Instant> lockings(String name) {
    Map<String, Instant> latest = new HashMap<>();
    for (Event event : ledger.events(name)) {
      if (event.type() == Event.Type.PHASE_CHANGED && event.to().equals(Phase.LOCKING.name())) {
        latest.putIfAbsent(event.subject(), event.at()); // the newest comes first
      }
    }
    return latest;
  }

  private static Instant lastServed(PlaintextCalls calls) {
    Instant last = Instant.MIN;
    for (PlaintextCalls.Row row : calls.rows()) {
      for (int i = row.calls().size() - 1; i >= 0; i--) {
        if (row.calls().get(i) > 0) {
          Instant end = calls.begin(i + 1);
          last = end.isAfter(last) ? end : last;
          break;
        }
      }
    }
    return last;
  }
}
