// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.Hazards;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeCoverage;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.rollout.loop.TickReport;
import io.mtlsmigration.testing.Lease;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A mesh in which time passes by the second: clients call, probes are made, the loop ticks. Who
 * reaches whom is computed by the resolver from the modes that the proxies have; what the loop sees
 * is what servers would report.
 */
public final class SimulatedMesh {

  public static final Instant START = Instant.parse("2026-06-01T09:00:00Z");

  public final ManualClock clock = new ManualClock(START);
  public final SimulatedApi api;
  public final TestLedger ledger = new TestLedger();
  public final List<Call> calls = new ArrayList<>();
  public final Set<String> failingProbes = new HashSet<>();

  /** What a probe of {@link #failingProbes} ends as. */
  public ProbeOutcome failingAs = ProbeOutcome.UNREACHABLE;

  /** What they are answered with by their own proxies; 0 = nothing. */
  public int failingWith;

  /** What curl ends with where they are not answered and not refused. */
  public int failingExit = ProbeOutcome.NOT_CONNECTED;

  /** Whether no round of probes has ended since this leader began. */
  public boolean unprobedYet;

  /** Namespaces whose probe clients are believed about others. */
  public final Set<String> witnesses = new HashSet<>();

  /** Namespaces whose proxies have not acknowledged the latest configuration. */
  public final Set<String> lagging = new HashSet<>();

  /** Services ({@code namespace/name}) that nobody probes. */
  public final Set<String> unprobed = new HashSet<>();

  public final Map<String, Integer> failedCalls = new HashMap<>();

  /** The same of those that only the window of the gate shows. */
  public final Map<String, Integer> failedBefore = new HashMap<>();

  /** Of so many calls of mesh clients one fails, at all times; 0 = none. */
  public int oneFailsOf;

  /** For how long calls are remembered. */
  public Duration remembered = Duration.ofMinutes(10);

  /** Whose calls fail; empty when nobody tells. */
  public String failingClient = "";

  /** Servers that are watched later than from the beginning of their pods. */
  public final Map<WorkloadRef, Instant> watchedFrom = new HashMap<>();

  /** Since when they are watched, as nobody but this leader knows. */
  public final Map<WorkloadRef, Instant> traceless = new HashMap<>();

  public Limits limits =
      new Limits(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3),
          Duration.ofSeconds(60),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(5));
  public boolean evidenceDown;

  /** How far the API server's clock is from this one, in words; empty when it is not. */
  public String apart = "";

  /** Since when servers count what a dry run would refuse, as they show themselves. */
  public Instant counted = Instant.MIN;

  /** How refusals come to be known. */
  public BiFunction<List<Refusal>, Instant, Refusals> refused =
      (seen, now) -> new Refusals.Read(seen, Instant.EPOCH, now);

  public boolean probesDown;

  /** As mtls-migration.probes.plaintext=refused: what a server would count is not sent. */
  public boolean unnoticed;

  /** What probes are expected by; null for what is applied when they are made. */
  private @Nullable Reachability expecting;

  /** How long the latest round took; a probe's time is that of its begin. */
  public Duration roundTook = Duration.ZERO;

  public boolean proxiesStale;

  /** The service's own view does not move on; the proxies do. */
  public boolean informersStale;

  /** Makes the rules of ambient workloads; null for one that makes what the policies say. */
  @Nullable OldIstiod oldIstiod;

  /** Plaintext over connections from before a lock that nothing ends. */
  public final List<Call> held = new ArrayList<>();

  /** Claims that proxies follow, whether they do or not. */
  public boolean lyingSync;

  public final TestRatchet ratchet = new TestRatchet();
  public Duration snapshotAge = Duration.ZERO;
  public long term = 1;
  public Lease lease;
  public RolloutLoop loop;
  public ShortCommands commands;

  /** Empty: a hook that nobody has taught an answer says nothing. */
  public final SimulatedHooks hooks = new SimulatedHooks();

  public final SimulatedDryRuns dryRuns = new SimulatedDryRuns();

  private final List<Sample> samples = new ArrayList<>();
  private final Map<Cell.Key, Cell> cells = new TreeMap<>();
  private MeshModes modes;
  private MeshModes enforced;
  private final MeshSnapshot first;
  public Instant probedAt = Instant.EPOCH;

  /** Until when proxies lag behind a dry run that came or went. */
  private Instant taken = Instant.EPOCH;

  @Nullable TickReport last;

  public SimulatedMesh(MeshSnapshot facts) {
    first = facts;
    api = new SimulatedApi(facts, clock, ratchet);
    modes = MeshModes.resolve(api.snapshot());
    enforced = modes;
    loop = leader();
    dryRuns.onEffect = () -> taken = clock.instant().plusSeconds(2);
    commands = new ShortCommands(ledger, this::observe, clock, limits, PlanLimits.SANDBOX);
  }

  /** Calls a service's every endpoint once a second. */
  public record Call(String from, String service, Instant start, Instant end) {}

  private record Sample(
      Instant at, Pod client, Pod server, int port, ClientTls tls, boolean refused, boolean own) {}

  /** Another process takes the lead. */
  public RolloutLoop leader() {
    lease = new Lease(term++);
    lease.ledBefore = () -> Optional.of(clock.instant()); // somebody has led until now
    return loop(ledger);
  }

  /** A loop of the present leader, which sees the ledger through another one. */
  public RolloutLoop loop(RolloutLedger seen) {
    return new RolloutLoop(
        new RolloutPorts(seen, api, ratchet, hooks, dryRuns, this::facts, clock, lease), limits);
  }

  private MeshSnapshot facts() {
    return informersStale ? modes.snapshot() : stored();
  }

  /** What is stored, dry runs included. */
  private MeshSnapshot stored() {
    MeshSnapshot all = api.snapshot();
    for (SimulatedDryRuns.Kept kept : dryRuns.kept.values()) {
      NamespaceFacts facts = all.namespace(kept.policy().namespace());
      if (facts != null && DryRunPolicy.in(facts).isEmpty()) {
        List<OtherObject> others = new ArrayList<>(facts.others());
        others.add(kept.policy().shown(kept.version()));
        all = all.with(facts.withOthers(others));
      }
    }
    return all;
  }

  /** Ann makes a plan and starts it. */
  public void start(Specs specs) {
    PlanSpec spec = specs.spec();
    commands.create(spec, "ann");
    commands.act(spec.name(), PlanAction.START, null, "ann");
  }

  /** Bob starts one more plan, of the same waves, at a replica that does not know of the first. */
  public void startElsewhere(Specs specs, PlanRecord first) {
    PlanRecord draft = commands.create(specs.spec(), "bob");
    ledger.save(
        draft
            .withWaves(first.waves(), Map.of(), first.observation())
            .withPhase(PlanPhase.RUNNING, clock.instant(), null));
  }

  public SimulatedMesh calls(String from, String service) {
    return calls(from, service, Duration.ZERO, Duration.ofDays(1));
  }

  /** From and until, after now. */
  public SimulatedMesh calls(String from, String service, Duration start, Duration end) {
    calls.add(new Call(from, service, clock.instant().plus(start), clock.instant().plus(end)));
    return this;
  }

  /** One second. */
  public void second() {
    clock.advance(Duration.ofSeconds(1));
    world();
    tick();
  }

  public void world() {
    MeshModes now = modes.refresh(stored());
    if (!informersStale) {
      modes = now;
    }
    if (!proxiesStale) {
      enforced = oldIstiod == null ? now : oldIstiod.enforced(now);
    }
    traffic();
    if (!probesDown) {
      probe();
    }
  }

  /** The proxies fall back to what they had in the beginning. */
  public void enforceOpen() {
    enforced = MeshModes.resolve(first);
  }

  public void tick() {
    last = loop.tick(observe());
  }

  public SimulatedMesh seconds(int count) {
    for (int i = 0; i < count; i++) {
      second();
    }
    return this;
  }

  /** Runs until the step is in a phase; fails the test when that takes longer than {@code most}. */
  public SimulatedMesh until(String plan, String subject, Phase phase, int most) {
    for (int i = 0; i < most && phase(plan, subject) != phase; i++) {
      second();
    }
    if (phase(plan, subject) != phase) {
      throw new AssertionError(
          subject + " is " + phase(plan, subject) + ", not " + phase + ": " + story(plan));
    }
    return this;
  }

  public SimulatedMesh untilPlan(String plan, PlanPhase phase, int most) {
    for (int i = 0; i < most && !ended(plan, phase); i++) {
      second();
    }
    if (!ended(plan, phase)) {
      throw new AssertionError(
          "plan is " + plan(plan).phase() + ", not " + phase + ": " + story(plan) + last);
    }
    return this;
  }

  private boolean ended(String plan, PlanPhase phase) {
    PlanRecord record = plan(plan);
    return record.phase() == phase && record.endedAt() != null;
  }

  public String story(String plan) {
    StringBuilder text = new StringBuilder("\n");
    ledger
        .events(plan)
        .reversed()
        .forEach(
            e ->
                text.append(Duration.between(START, e.at()).toSeconds())
                    .append("s ")
                    .append(e.subject())
                    .append(' ')
                    .append(e.type())
                    .append(' ')
                    .append(e.from())
                    .append("→")
                    .append(e.to())
                    .append(' ')
                    .append(e.reason())
                    .append(": ")
                    .append(e.message())
                    .append('\n'));
    ledger
        .steps(plan)
        .forEach(s -> text.append(s.key()).append(' ').append(s.gates()).append('\n'));
    return text.toString();
  }

  public PlanRecord plan(String name) {
    return ledger.plan(name).orElseThrow();
  }

  private static StepKey key(String subject) {
    return subject.equals("mesh")
        ? StepKey.MESH
        : new StepKey(subject.substring(subject.indexOf(':') + 1));
  }

  public StepRecord step(String plan, String subject) {
    return ledger.step(plan, key(subject)).orElseThrow();
  }

  public @Nullable Phase phase(String plan, String subject) {
    return ledger.step(plan, key(subject)).map(StepRecord::phase).orElse(null);
  }

  public MtlsMode mode(String namespace) {
    return MeshModes.resolve(api.snapshot()).namespace(namespace).mode().mode();
  }

  public MtlsMode meshMode() {
    return MeshModes.resolve(api.snapshot()).mesh().mode();
  }

  @Nullable PeerAuthentication policy(String namespace, String name) {
    return api.find(ObjectRef.peerAuthentication(namespace, name));
  }

  public void kubectl(String namespace, String name, MtlsMode mode) {
    api.kubectl(
        ObjectRef.peerAuthentication(namespace, name),
        mode == null ? null : PeerAuthentication.Spec.of(mode));
  }

  /** All effective modes of all captured pods, for comparing before and after. */
  public Map<String, String> effective() {
    MeshModes now = MeshModes.resolve(api.snapshot());
    Map<String, String> all = new TreeMap<>();
    all.put("mesh", now.mesh().mode().toString());
    for (NamespaceFacts facts : now.snapshot().namespaces().values()) {
      for (Pod pod : facts.pods()) {
        if (pod.dataPlane().captured()) {
          var mode = now.namespace(facts.name()).of(pod);
          Map<Integer, MtlsMode> ports = new TreeMap<>(mode.ports());
          ports.values().removeIf(m -> m == mode.mode());
          all.put(facts.name() + "/" + pod.name(), mode.mode() + " " + ports);
        }
      }
    }
    return all;
  }

  private void traffic() {
    Instant now = clock.instant();
    Reachability reach = Reachability.of(enforced);
    for (Call call : calls) {
      if (!now.isBefore(call.start()) && now.isBefore(call.end())) {
        Pod client = pod(call.from());
        Service service = service(call.service());
        if (client != null && service != null) {
          send(reach, client, service, false);
        }
      }
    }
    for (Call call : held) {
      Pod client = pod(call.from());
      Service service = service(call.service());
      if (now.isBefore(call.end()) && client != null && service != null) {
        for (Backend backend : reach.backends(service, service.ports().getFirst())) {
          samples.add(
              new Sample(
                  now,
                  client,
                  Objects.requireNonNull(backend.pod()),
                  backend.targetPort(),
                  ClientTls.PLAINTEXT,
                  false,
                  false));
        }
      }
    }
    samples.removeIf(s -> s.at().isBefore(now.minus(remembered)));
  }

  private void send(Reachability reach, Pod client, Service service, boolean own) {
    for (Service.ServicePort port : service.ports()) {
      for (Backend backend : reach.backends(service, port)) {
        Pod server = backend.pod();
        if (server == null || !server.dataPlane().captured()) {
          continue;
        }
        Prediction p = reach.predict(client, service, port, backend);
        samples.add(
            new Sample(
                clock.instant(),
                client,
                server,
                backend.targetPort(),
                p.clientTls(),
                p.reach() == Reach.REFUSED,
                own));
      }
    }
  }

  private void probe() {
    if (!unnoticed) {
      cells.clear();
    }
    probedAt = clock.instant();
    Reachability real = Reachability.of(enforced);
    Reachability wanted = expecting == null ? Reachability.of(modes) : expecting;
    for (NamespaceFacts from : modes.snapshot().namespaces().values()) {
      for (Pod client : from.pods()) {
        if (client.workload().name().equals("curl")) {
          for (NamespaceFacts to : modes.snapshot().namespaces().values()) {
            to.services().stream()
                .filter(s -> !unprobed.contains(s.id()))
                .forEach(s -> probe(real, wanted, client, s));
          }
        }
      }
    }
  }

  /** Probes are from now on of rounds that began before what is applied next was seen. */
  public void expectAsNow() {
    expecting = Reachability.of(modes);
  }

  /** Probes are expected by what is applied when they begin. */
  public void expectAsSeen() {
    expecting = null;
  }

  private void probe(Reachability real, Reachability wanted, Pod client, Service service) {
    send(real, client, service, true);
    for (Service.ServicePort port : service.ports()) {
      List<Backend> backends = real.backends(service, port);
      boolean any = !ProbeTarget.pinned(client, service) && backends.size() > 1;
      Set<String> servers =
          any ? backends.stream().map(b -> b.pod().uid()).collect(Collectors.toSet()) : Set.of();
      for (Backend backend : backends) {
        Reach is = real.predict(client, service, port, backend).reach();
        Prediction prediction = wanted.predict(client, service, port, backend);
        if (unnoticed
            && prediction.clientTls() != ClientTls.ISTIO_MUTUAL
            && prediction.reach() == Reach.OK) {
          continue;
        }
        Reach expected = prediction.reach();
        String from = client.workload().id();
        boolean broken = failingProbes.contains(from);
        ProbeOutcome outcome =
            broken ? failingAs : is == Reach.OK ? ProbeOutcome.OK : ProbeOutcome.REFUSED;
        Cell cell =
            new Cell(
                from,
                service.id() + ":" + port.port(),
                any
                    ? ProbeTarget.ANY_ENDPOINT
                    : backend.ip()
                        + (backend.pod() == null ? "" : backend.pod().name())
                        + ":"
                        + backend.targetPort(),
                any || backend.pod() == null ? "" : backend.pod().name(),
                client.dataPlane().captured(),
                outcome,
                outcome == ProbeOutcome.OK ? 200 : broken ? failingWith : 0,
                exitCode(outcome, broken),
                expected == Reach.OK ? ProbeOutcome.OK : ProbeOutcome.REFUSED,
                1,
                clock.instant(),
                "",
                prediction.clientTls(),
                false,
                false,
                servers,
                client.workload().kind(),
                "");
        cells.merge(
            cell.key(),
            cell,
            (old, next) -> old.checkedAt().equals(probedAt) && old.failed() ? old : next);
      }
    }
  }

  private int exitCode(ProbeOutcome outcome, boolean broken) {
    if (outcome == ProbeOutcome.OK || (broken && failingWith != 0)) {
      return 0;
    }
    return outcome == ProbeOutcome.UNREACHABLE ? failingExit : 56;
  }

  private @Nullable Pod pod(String id) {
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      for (Pod pod : facts.pods()) {
        if (pod.workload().id().equals(id)) {
          return pod;
        }
      }
    }
    return null;
  }

  private @Nullable Service service(String id) {
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      for (Service service : facts.services()) {
        if (service.id().equals(id)) {
          return service;
        }
      }
    }
    return null;
  }

  public Observation observe() {
    Instant now = clock.instant();
    MeshSnapshot seen = modes.snapshot();
    MeshModes aged =
        modes.refresh(
            new MeshSnapshot(
                seen.settings(), now.minus(snapshotAge), seen.namespaces(), List.of(), List.of()));
    ConnectivityMatrix matrix =
        unprobedYet
            ? ConnectivityMatrix.EMPTY
            : new ConnectivityMatrix(
                probedAt.plus(roundTook),
                List.copyOf(cells.values()),
                ProbeCoverage.of(cells.size()),
                Set.of(),
                new ConnectivityMatrix.Rounds(probedAt, Map.of()));
    return new Seen(now, aged, matrix, new HashMap<>());
  }

  private final class Seen implements Observation {
    private final Instant now;
    private final MeshModes seen;
    private final ConnectivityMatrix matrix;
    private final Map<Duration, TrafficReading> readings;

    Seen(
        Instant now,
        MeshModes seen,
        ConnectivityMatrix matrix,
        Map<Duration, TrafficReading> readings) {
      this.now = now;
      this.seen = seen;
      this.matrix = matrix;
      this.readings = readings;
    }

    @Override
    public Instant now() {
      return now;
    }

    @Override
    public MeshModes modes() {
      return seen;
    }

    @Override
    public ConnectivityMatrix matrix() {
      return matrix;
    }

    @Override
    public TrafficReading traffic(Duration window) {
      return readings.computeIfAbsent(window, w -> reading(now, w));
    }

    @Override
    public List<Finding> findings(String namespace) {
      return Hazards.of(seen, namespace);
    }

    @Override
    public Set<String> witnesses() {
      return witnesses;
    }

    /** Judged by the dry run that is there, if any. */
    @Override
    public Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
      if (evidenceDown) {
        return new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "connection refused");
      }
      List<Sample> judged =
          samples.stream()
              .filter(s -> s.server().namespace().equals(namespace) && !s.at().isBefore(from))
              .filter(s -> !s.own())
              .toList();
      Map<String, List<Sample>> denied = new TreeMap<>();
      for (Sample s : judged) {
        if (s.tls() != ClientTls.ISTIO_MUTUAL && !dryRuns.leftOut(namespace).contains(s.port())) {
          denied
              .computeIfAbsent(s.server().workload().id() + ":" + s.port(), k -> new ArrayList<>())
              .add(s);
        }
      }
      return judged.isEmpty()
          ? new Evidence.NoSamples<>(now, "nobody called")
          : new Evidence.Measured<>(
              denied.values().stream()
                  .map(
                      all ->
                          new ShadowDenial(
                              all.getFirst().server().workload(),
                              all.getFirst().port(),
                              all.size(),
                              0))
                  .toList(),
              now);
    }

    @Override
    public Optional<String> clocksApart() {
      return apart.isEmpty() ? Optional.empty() : Optional.of(apart);
    }

    @Override
    public Instant countedSince(String namespace, Instant from) {
      return counted.isAfter(from) ? counted : from;
    }

    @Override
    public ProxySync.Status sync(String namespace) {
      return (proxiesStale && !lyingSync)
              || lagging.contains(namespace)
              || clock.instant().isBefore(taken)
          ? new ProxySync.Status.Lagging(List.of(namespace + "/httpbin"))
          : told(namespace);
    }

    private ProxySync.Status told(String namespace) {
      List<ProxySync.Difference> differences =
          oldIstiod == null ? List.of() : oldIstiod.differences(seen, namespace);
      return differences.isEmpty()
          ? new ProxySync.Status.Synced()
          : new ProxySync.Status.Differs(differences);
    }
  }

  private TrafficReading reading(Instant now, Duration window) {
    Instant from = now.minus(window);
    List<Sample> within = samples.stream().filter(s -> s.at().isAfter(from)).toList();
    return new TrafficReading() {
      @Override
      public Instant asOf() {
        return now;
      }

      @Override
      public Duration window() {
        return window;
      }

      @Override
      public Evidence<NamespaceTraffic> of(String namespace) {
        if (evidenceDown) {
          return new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "connection refused");
        }
        List<Sample> own =
            within.stream().filter(s -> s.server().namespace().equals(namespace)).toList();
        return own.isEmpty()
            ? new Evidence.NoSamples<>(now, "no call in the window")
            : new Evidence.Measured<>(measured(namespace, own, window), now);
      }

      @Override
      public Refusals refusals(String namespace) {
        return refused.apply(
            within.stream()
                .filter(s -> s.refused() && s.server().namespace().equals(namespace))
                .map(
                    s ->
                        new Refusal(
                            s.at(), caller(s.client()), s.server().workload(), s.port(), s.own()))
                .toList(),
            now);
      }
    };
  }

  private NamespaceTraffic measured(String namespace, List<Sample> own, Duration window) {
    int failed =
        failedCalls.getOrDefault(namespace, 0)
            + (window.toSeconds() < 20 ? 0 : failedBefore.getOrDefault(namespace, 0));
    Map<String, List<Sample>> edges = new LinkedHashMap<>();
    long requests = 0;
    for (Sample s : own) {
      if (!s.refused()) {
        edges
            .computeIfAbsent(
                s.client().workload() + " " + s.server().workload() + s.port() + s.tls(),
                k -> new ArrayList<>())
            .add(s);
      }
      boolean counted = s.at().isAfter(clock.instant().minus(NamespaceTraffic.TOTALS));
      requests += !counted || s.own() || !s.client().dataPlane().captured() ? 0 : 1;
    }
    failed += oneFailsOf == 0 ? 0 : (int) (requests / oneFailsOf);
    return new NamespaceTraffic(
        edges.values().stream().map(this::edge).toList(),
        requests,
        failed,
        failingClient.isEmpty() ? Map.of() : Map.of(failingClient, (long) failed),
        List.of(),
        watched(namespace));
  }

  /** Each proxy is watched from its beginning on. */
  private Map<WorkloadRef, Watch> watched(String namespace) {
    Map<WorkloadRef, Watch> watched = new HashMap<>();
    for (Pod pod : modes.namespace(namespace).facts().pods()) {
      if (pod.dataPlane().captured() && !pod.terminated()) {
        watched.merge(
            pod.workload(),
            Watch.from(watchedFrom.getOrDefault(pod.workload(), pod.createdAt()), true),
            (one, other) -> one.covers(other.since()) ? one : other);
      }
    }
    traceless.forEach(
        (workload, since) ->
            watched.put(
                workload, new Watch(since, true, Evidence.Reason.NOT_CONFIGURED, "ended unseen")));
    return watched;
  }

  private static Caller caller(Pod pod) {
    return new Caller(pod.workload(), pod.ip());
  }

  private Edge edge(List<Sample> calls) {
    Sample one = calls.getFirst();
    long own = calls.stream().filter(Sample::own).count();
    return new Edge(
        caller(one.client()),
        one.server().workload(),
        one.port(),
        "http",
        one.tls() == ClientTls.ISTIO_MUTUAL ? Edge.Security.MUTUAL_TLS : Edge.Security.PLAINTEXT,
        calls.size() - own,
        own,
        one.at(),
        calls.getLast().at(),
        "simulation");
  }
}
