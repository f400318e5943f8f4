// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.probe.ProbeRun;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.ProbeScope;
import io.mtlsmigration.rollout.RolloutLedger;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Probes continuously, locked namespaces included, and accepts rounds that people request. */
@ApplicationScoped
public class ProbeSchedule implements ProbeRequests {

  private static final Logger LOG = Logger.getLogger(ProbeSchedule.class);

  private final Observations observations;
  private final ConnectivityLog log;
  private final RolloutLedger ledger;
  private final Leadership leadership;
  private final Clock clock;
  private final Settings.Probes settings;
  private final LabelSelector clientLabel;
  private final ProbeRounds rounds;
  private final AgentReconciler agents;
  private final Spans spans;
  private final MeterRegistry meters;

  private final CellCounts cells = new CellCounts();

  /** The last problem of each agent, so that it is logged once. */
  private final Map<ProbeAgents.Agent, String> troubles = new HashMap<>();

  private final AskedRounds asked = new AskedRounds();
  private long turn;

  public ProbeSchedule(
      Observations observations,
      ConnectivityLog log,
      RolloutLedger ledger,
      Leadership leadership,
      Prober prober,
      ProbeJournal journal,
      AgentReconciler agents,
      Clock clock,
      Settings settings,
      Spans spans,
      MeterRegistry meters) {
    this.observations = observations;
    this.log = log;
    this.ledger = ledger;
    this.leadership = leadership;
    this.agents = agents;
    this.clock = clock;
    this.spans = spans;
    this.settings = settings.probes();
    this.clientLabel = label(this.settings.clientLabel());
    this.rounds =
        new ProbeRounds(
            new PresentTargets(
                prober, () -> observations.latest().modes().snapshot(), leadership::leads),
            log,
            journal,
            clock,
            new ProbeRounds.Bounds(this.settings.timeout(), this.settings.concurrency()),
            cell -> Metric.PROBES.counter(meters, cell.outcome().name()).increment());
    this.meters = meters;
    Metric.WORK.gauge(meters, rounds, ProbeRounds::running, "probes", "running");
    Metric.WORK.gauge(meters, rounds, ProbeRounds::waiting, "probes", "waiting");
    for (CellResult result : CellResult.values()) {
      Metric.PROBE_CELLS.gauge(
          meters, cells, counts -> counts.of(result), result.name().toLowerCase(Locale.ROOT));
    }
  }

  private volatile boolean stopping;

  @Scheduled(
      identity = "probes",
      every = "{mtls-migration.probes.interval}",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void round() throws InterruptedException {
    if (!leadership.leads()) {
      return;
    }
    long jitter = (long) (settings.interval().toMillis() * settings.jitter());
    if (jitter > 0) {
      TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(jitter));
    }
    if (stopping || !leadership.leads()) {
      return;
    }
    try {
      probeAll();
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("No round of probes, for the ledger cannot tell reason=%s", e.getMessage());
    } catch (RuntimeException e) {
      if (stopping) {
        LOG.debug("The round of probes ended with the service", e);
        return;
      }
      LOG.error("The round of probes died; the next one starts as scheduled", e);
    }
  }

  /** Makes one full round, as the schedule does. */
  List<Cell> probeAll() {
    Instant begun = clock.instant();
    Observation now = observations.latest();
    tendAgents(now.modes().snapshot());
    rounds.clients(now.modes().snapshot());
    Reachability reachability = Reachability.of(now.modes());
    ProbePlan plan =
        rounds.plan(now.modes().snapshot(), reachability, clients(now), agents::isAgent);
    ProbeScope scope = new ProbeScope(ledger, now);
    ProbePlan.Choice choice = chosen(plan, scope, turn++);
    log.cover(choice.coverage(), plan.leftOut());
    Set<String> late = new HashSet<>(rounds.late());
    List<ProbeTarget> targets =
        unnoticed(choice.targets(), reachability).stream()
            .filter(target -> !late.contains(target.service().namespace()))
            .toList();
    List<Cell> cells = made("round", () -> rounds.run(targets, expecting(scope), begun));
    late.addAll(rounds.late());
    List<Cell> known = log.matrix().cells();
    log.retain(known, plan.stillThere(known), begun, late);
    return cells;
  }

  /** Removes the targets that are passed over, unless probes in plaintext are asked for. */
  private List<ProbeTarget> unnoticed(List<ProbeTarget> targets, Reachability reachability) {
    if (settings.plaintext() == Settings.Plaintext.ALWAYS) {
      return targets;
    }
    return targets.stream().filter(target -> !target.passedOver(reachability)).toList();
  }

  /** Reconciles the agents; like rounds, on the leader only. */
  private void tendAgents(MeshSnapshot snapshot) {
    try {
      agents
          .turn(
              snapshot,
              ProbeScope.workedOn(ledger),
              pod -> rounds.hasProgram(pod, this::named),
              clock.instant())
          .forEach(this::tell);
    } catch (ProbeAgents.UnavailableException e) {
      LOG.warnf("Probe agents are left as they are reason=%s", e.getMessage());
    }
  }

  private void tell(AgentReconciler.Deed deed) {
    ProbeAgents.Agent agent = deed.agent();
    switch (deed.answer()) {
      case ProbeAgents.Answer.Done done -> {
        troubles.remove(agent);
        LOG.infof(
            deed.placing()
                ? "Probe agent placed namespace=%s dataPlane=%s"
                : "Probe agent removed namespace=%s dataPlane=%s",
            agent.namespace(),
            agent.plane());
      }
      case ProbeAgents.Answer.Failed failed -> {
        if (!failed.reason().equals(troubles.put(agent, failed.reason()))) {
          LOG.warnf(
              deed.placing()
                  ? "Probe agent cannot be placed namespace=%s dataPlane=%s reason=%s"
                  : "Probe agent cannot be removed namespace=%s dataPlane=%s reason=%s",
              agent.namespace(),
              agent.plane(),
              failed.reason());
        }
      }
    }
  }

  @Override
  public ProbeRun start(List<Pair> pairs) {
    Observation now = observations.latest();
    Reachability reachability = Reachability.of(now.modes());
    ProbePlan plan =
        rounds.plan(now.modes().snapshot(), reachability, clients(now), agents::isAgent);
    ProbeScope scope = pairs.isEmpty() ? new ProbeScope(ledger, now) : scope(now);
    ProbePlan.Choice choice = pairs.isEmpty() ? chosen(plan, scope, turn) : named(pairs, plan);
    ProbeRun run =
        new ProbeRun(
            UUID.randomUUID().toString(), clock.instant(), null, choice.coverage(), List.of());
    asked.admit(run);
    Thread.ofVirtual()
        .name("probe-run-" + run.id())
        .start(spans.carried(() -> answer(run, choice.targets(), expecting(scope))));
    return run;
  }

  private ProbeScope scope(Observation now) {
    try {
      return new ProbeScope(ledger, now);
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("Expected is what is predicted, for the ledger cannot tell %s", e.getMessage());
      return new ProbeScope(now);
    }
  }

  private ProbeRounds.Expecting expecting(ProbeScope first) {
    return new PresentScope(first, () -> new ProbeScope(ledger, observations.latest()));
  }

  private ProbePlan.Choice chosen(ProbePlan plan, ProbeScope scope, long ofTurn) {
    return plan.choose(
        new ProbePlan.Bounds(settings.fullMatrixLimit(), scope.focus(), ofTurn),
        scope.observedCalls(),
        log.matrix().cells());
  }

  private void answer(ProbeRun run, List<ProbeTarget> targets, ProbeRounds.Expecting expecting) {
    List<Cell> cells = List.of();
    try {
      cells = made("run", () -> rounds.runAsked(targets, expecting));
    } finally {
      asked.ended(new ProbeRun(run.id(), run.startedAt(), clock.instant(), run.coverage(), cells));
    }
  }

  /** Makes probes and measures them. */
  private List<Cell> made(String kind, Supplier<List<Cell>> probes) {
    Timer.Sample time = Timer.start(meters);
    List<Cell> made =
        spans.within(
            "probe " + kind,
            span -> {
              List<Cell> results = probes.get();
              span.setAttribute("mtls_migration.probes", results.size());
              span.setAttribute(
                  "mtls_migration.unexpected",
                  counted(results).getOrDefault(CellResult.UNEXPECTED, 0));
              return results;
            });
    time.stop(Metric.PROBE_ROUNDS.timer(meters, kind));
    return made;
  }

  /** The result of a probe compared with its prediction. */
  private enum CellResult {
    /** As predicted, or there was no prediction. */
    EXPECTED,
    UNEXPECTED,
    /** The probe could not be made. */
    SKIPPED;

    static CellResult of(Cell cell) {
      if (cell.outcome() == ProbeOutcome.SKIPPED) {
        return SKIPPED;
      }
      return cell.expected() == null || cell.outcome() == cell.expected() ? EXPECTED : UNEXPECTED;
    }
  }

  /** The results of the whole matrix, also while a round runs: that of a large mesh takes hours. */
  private final class CellCounts {
    private @Nullable ConnectivityMatrix of;
    private Map<CellResult, Integer> counts = Map.of();

    synchronized int of(CellResult result) {
      ConnectivityMatrix matrix = log.matrix();
      if (matrix != of) {
        of = matrix;
        counts = counted(matrix.cells());
      }
      return counts.getOrDefault(result, 0);
    }
  }

  private static Map<CellResult, Integer> counted(List<Cell> cells) {
    Map<CellResult, Integer> counts = new EnumMap<>(CellResult.class);
    cells.forEach(cell -> counts.merge(CellResult.of(cell), 1, Integer::sum));
    return counts;
  }

  @Override
  public Optional<ProbeRun> run(String id) {
    return asked.run(id);
  }

  /**
   * Returns whether probes are made from a pod: one with the label in an allowed namespace, or an
   * agent. A pod that only looks as if it had a sidecar is no valid client of either kind.
   */
  private Predicate<Pod> clients(Observation now) {
    Map<String, Set<String>> strangers = new HashMap<>();
    return pod ->
        named(pod)
            && !(pod.dataPlane() == DataPlane.SIDECAR
                && strangers
                    .computeIfAbsent(pod.namespace(), now::strangers)
                    .contains(pod.namespace() + "/" + pod.name()));
  }

  private boolean named(Pod pod) {
    boolean allowed =
        settings.clientNamespaces().map(names -> names.contains(pod.namespace())).orElse(true);
    return (allowed && clientLabel.matches(pod.labels())) || agents.isAgent(pod);
  }

  private ProbePlan.Choice named(List<Pair> pairs, ProbePlan plan) {
    Set<Pair> distinct = new HashSet<>(pairs);
    bounded(distinct.size());
    List<UnknownPairException.Unknown> unknown = new ArrayList<>();
    List<ProbeTarget> targets = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      Pair pair = pairs.get(i);
      if (!distinct.remove(pair)) {
        continue; // a duplicate
      }
      List<Pod> clients = plan.clients(pair.from());
      if (clients.isEmpty()) {
        unknown.add(
            new UnknownPairException.Unknown(
                i, "from", "no client that probes can be made from is called " + pair.from()));
        continue;
      }
      List<ProbeTarget> to =
          clients.stream().flatMap(client -> plan.targets(client, pair.to()).stream()).toList();
      if (to.isEmpty()) {
        unknown.add(
            new UnknownPairException.Unknown(
                i, "to", "no Service port with a ready endpoint is called " + pair.to()));
      }
      targets.addAll(to);
      bounded(targets.size());
    }
    if (!unknown.isEmpty()) {
      throw new UnknownPairException(unknown);
    }
    return new ProbePlan.Choice(targets, targets.size(), false);
  }

  private void bounded(int probes) {
    if (probes > settings.fullMatrixLimit()) {
      throw new TooManyException(
          "these are more than the "
              + settings.fullMatrixLimit()
              + " probes of a round (mtls-migration.probes.full-matrix-limit); ask for fewer pairs"
              + " at a time");
    }
  }

  private static LabelSelector label(String text) {
    int eq = text.indexOf('=');
    if (eq < 1) {
      throw new IllegalArgumentException(
          "mtls-migration.probes.client-label: expected key=value, got '" + text + "'");
    }
    return LabelSelector.ofLabels(Map.of(text.substring(0, eq), text.substring(eq + 1)));
  }

  /** What is under way has no more than {@link #stop} leaves it. */
  void stopping(@Observes ShutdownDelayInitiatedEvent stop) {
    stopping = true;
  }

  @PreDestroy
  void stop() {
    rounds.close();
  }
}
