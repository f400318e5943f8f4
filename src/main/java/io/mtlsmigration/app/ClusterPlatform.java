// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.Cluster;
import io.mtlsmigration.kubernetes.ClusterOptions;
import io.mtlsmigration.kubernetes.ConnectionException;
import io.mtlsmigration.kubernetes.ConnectionOptions;
import io.mtlsmigration.kubernetes.access.ClusterAccess;
import io.mtlsmigration.kubernetes.inventory.InventoryOptions;
import io.mtlsmigration.kubernetes.istiod.IstiodOptions;
import io.mtlsmigration.kubernetes.lease.LeaseOptions;
import io.mtlsmigration.kubernetes.probe.ProbeOptions;
import io.mtlsmigration.kubernetes.wire.WireOptions;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.plan.HookTargets;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.prometheus.PrometheusCalls;
import io.mtlsmigration.prometheus.PrometheusHistory;
import io.mtlsmigration.prometheus.PrometheusOptions;
import io.mtlsmigration.prometheus.PrometheusShadows;
import io.mtlsmigration.prometheus.PrometheusTraffic;
import io.mtlsmigration.prometheus.QueryMeter;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.traffic.TrafficWithCallers;
import io.mtlsmigration.traffic.TrafficWithConnections;
import io.mtlsmigration.traffic.TrafficWithRefusals;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The platform of a real cluster, with Prometheus where there is one. */
final class ClusterPlatform implements Platform {

  /** How often pods are looked at, whether or not anybody asks about their traffic. */
  private static final Duration LOOK = Duration.ofMinutes(1);

  private final Cluster cluster;
  private final Settings settings;
  private final Optional<PrometheusTraffic> prometheus;
  private final Optional<LogReading> pods;
  private final Optional<PrometheusShadows> shadows;
  private final Optional<PrometheusHistory> history;
  private final Optional<PrometheusCalls> calls;
  private final RefusalReading refusals;
  private final Optional<CallerReading> callers;
  private final Optional<ConnectionReading> connections;

  /**
   * The platform's dependencies, beside its configuration.
   *
   * @param address for the other replicas; empty when they cannot reach this one
   */
  record Surroundings(
      Environment environment,
      String address,
      Clock clock,
      OwnProbes probes,
      TlsConfigurationRegistry tls,
      QueryMeter queries,
      Vertx vertx) {}

  /** Returns the namespaces of pods that report about servers elsewhere. */
  private static Set<String> speakers(Settings settings) {
    Set<String> speakers = new HashSet<>(Set.of(settings.istiod().namespace()));
    settings.accessLogs().ztunnelNamespace().ifPresent(speakers::add);
    return speakers;
  }

  private ClusterPlatform(Cluster cluster, Settings settings, Surroundings surroundings) {
    this.cluster = cluster;
    this.settings = settings;
    Optional<PrometheusOptions> measured =
        MeasuredTraffic.options(settings.prometheus(), surroundings.tls());
    this.prometheus =
        measured.map(
            options ->
                new PrometheusTraffic(
                    options,
                    cluster.inventory(),
                    settings.limits().scrapeInterval(),
                    surroundings.clock(),
                    surroundings.queries(),
                    speakers(settings)));
    this.pods =
        prometheus.map(
            traffic -> new LogReading("pods", LOOK, cluster.leadership(), () -> {}, traffic::look));
    this.shadows =
        prometheus.map(
            traffic ->
                new PrometheusShadows(
                    measured.orElseThrow(),
                    cluster.inventory(),
                    traffic,
                    settings.limits().scrapeInterval(),
                    surroundings.clock(),
                    surroundings.queries()));
    this.history =
        measured.map(
            options ->
                new PrometheusHistory(
                    options,
                    surroundings.probes(),
                    surroundings.clock(),
                    settings.limits().scrapeInterval(),
                    surroundings.queries()));
    this.calls =
        measured.map(
            options ->
                new PrometheusCalls(
                    options,
                    cluster.inventory(),
                    surroundings.clock(),
                    surroundings.queries(),
                    speakers(settings)));
    this.refusals =
        new RefusalReading(
            focus -> cluster.refusals(focus, surroundings.probes(), RefusalReading.LOOK_BACK),
            cluster.ledger(),
            cluster.inventory(),
            cluster.leadership());
    long bytes = settings.accessLogs().maxRate() * CallerReading.PAUSE.toSeconds();
    this.callers =
        measured
            .filter(options -> bytes > 0)
            .map(
                options ->
                    new CallerReading(
                        gates -> cluster.callers(gates, surroundings.probes(), bytes),
                        cluster.ledger(),
                        cluster.leadership()));
    this.connections =
        measured
            .filter(options -> settings.probes().openConnections())
            .map(
                options ->
                    new ConnectionReading(
                        cluster.heldConnections(settings.limits().heldConnection()),
                        cluster.leadership()));
  }

  /**
   * Opens the connection, starts reading the cluster, and takes part in leader election.
   *
   * @throws ConfigurationException whose message Quarkus prints alone, without a stack trace
   */
  static ClusterPlatform start(
      DeploymentMode.Cluster site, Settings settings, Surroundings surroundings) {
    try {
      Cluster cluster =
          Cluster.open(
              options(site, settings, surroundings.environment(), surroundings.address()),
              surroundings.clock(),
              System::nanoTime,
              surroundings.vertx());
      ClusterPlatform platform = new ClusterPlatform(cluster, settings, surroundings);
      cluster.begin();
      return platform;
    } catch (ConnectionException | IllegalArgumentException e) {
      throw new ConfigurationException("mtls-migration.cluster: " + e.getMessage());
    }
  }

  private static ClusterOptions options(
      DeploymentMode.Cluster site, Settings settings, Environment environment, String address) {
    Settings.Cluster cluster = settings.cluster();
    InventoryOptions standard = InventoryOptions.DEFAULT;
    return new ClusterOptions(
        new ConnectionOptions(
            site.location(),
            cluster.namespace().orElse(null),
            cluster.connectTimeout(),
            cluster.requestTimeout(),
            CommandLineOptions.version()),
        new InventoryOptions(
            settings.istiod().namespace(),
            settings.istiod().clusterDomain(),
            standard.pageSize(),
            standard.watchPeriod(),
            cluster.personManagers()),
        istiodOptions(settings.istiod()),
        cluster.personManagers(),
        new ProbeOptions(settings.probes().container(), settings.probes().tcpPorts()),
        new WireOptions(
            settings.wire().device(), settings.wire().maxBytes(), settings.wire().ephemeralImage()),
        settings.accessLogs().ztunnelNamespace().orElse(settings.istiod().namespace()),
        namespace ->
            new LeaseOptions(
                namespace,
                cluster.lease().name(),
                environment.processIdentity(),
                address,
                cluster.lease().duration(),
                cluster.lease().renewDeadline(),
                cluster.lease().retryPeriod()));
  }

  private static IstiodOptions istiodOptions(Settings.Istiod settings) {
    return new IstiodOptions(
        settings.namespace(),
        settings.clusterId(),
        IstiodOptions.DEFAULT.every(),
        settings.timeout(),
        settings.maxAge(),
        settings.maxBytes());
  }

  /** Without Prometheus nothing counts a dry run's denials: its gate holds, and none is placed. */
  @Override
  public MeshPorts mesh() {
    return new MeshPorts(
        cluster.inventory(),
        cluster.policies(),
        cluster.ratchet(),
        cluster.dryRuns(),
        cluster.sync(),
        trafficRecord(),
        history.<TrafficHistory>map(told -> told).orElse(TrafficHistory.NOT_CONFIGURED),
        calls.<CallHistory>map(told -> told).orElse(CallHistory.NOT_CONFIGURED),
        shadows.<ShadowRecord>map(counted -> counted).orElse(ShadowRecord.NOT_CONFIGURED),
        cluster.prober(),
        cluster.wireTap());
  }

  /**
   * Returns the counts of Prometheus if configured, with callers and refusals of access logs, and
   * with connections that are held open.
   */
  private TrafficRecord trafficRecord() {
    TrafficRecord counted =
        prometheus.<TrafficRecord>map(measured -> measured).orElse(TrafficRecord.NOT_CONFIGURED);
    TrafficRecord named =
        callers
            .<TrafficRecord>map(
                reading ->
                    new TrafficWithCallers(
                        counted, reading.record(), settings.limits().scrapeInterval()))
            .orElse(counted);
    TrafficRecord complete =
        connections
            .<TrafficRecord>map(reading -> new TrafficWithConnections(named, reading.record()))
            .orElse(named);
    return new TrafficWithRefusals(complete, refusals.record());
  }

  @Override
  public Runnable afterTick(PlanCommands commands) {
    return cluster.plans(commands);
  }

  @Override
  public RolloutLedger ledger() {
    return cluster.ledger();
  }

  @Override
  public NoticeCursors noticeCursors(Set<String> receivers) {
    return cluster.noticeCursors(receivers);
  }

  @Override
  public Leadership leadership() {
    return cluster.leadership();
  }

  @Override
  public AgentReconciler agentReconciler() {
    Settings.Probes probes = settings.probes();
    if (probes.agents() == Settings.Agents.OFF) {
      return new AgentReconciler(ProbeAgents.NONE, AgentReconciler.Policy.OFF);
    }
    Set<String> namespaces = probes.agentNamespaces().orElse(Set.of());
    return new AgentReconciler(
        cluster.agents(probes.agentImage(), namespaces, probes.agentUser()),
        new AgentReconciler.Policy(true, namespaces, cluster.ownNamespace()));
  }

  @Override
  public Optional<ClusterAccess> access() {
    return Optional.of(cluster.access());
  }

  @Override
  public Limits limits() {
    return settings.limits().drain().map(Limits.DEFAULT::withDrain).orElse(Limits.DEFAULT);
  }

  @Override
  public PlanLimits planLimits() {
    Settings.LimitSettings limits = settings.limits();
    return PlanLimits.of(limits().drain(), limits.scrapeInterval(), limits.logLag())
        .withHookTargets(
            WebHooks.targets(settings.hooks(), HookTargets.PUBLIC)
                .sparing(WebHooks.needed(settings.prometheus().url(), cluster.server())));
  }

  @Override
  public void close() {
    refusals.close();
    callers.ifPresent(CallerReading::close);
    connections.ifPresent(ConnectionReading::close);
    pods.ifPresent(LogReading::close);
    cluster.close();
    prometheus.ifPresent(PrometheusTraffic::close);
    shadows.ifPresent(PrometheusShadows::close);
    history.ifPresent(PrometheusHistory::close);
    calls.ifPresent(PrometheusCalls::close);
  }
}
