// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import java.time.Clock;
import java.time.Duration;

/**
 * A mesh in this process that plays a scenario from its start on. It provides the ports of a
 * cluster; their users cannot tell, and need not know, that it is a sandbox.
 */
public final class Sandbox implements AutoCloseable {

  private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);

  private final Timer timer;
  private final Faults faults;
  private final SimulatedCluster cluster;
  private final ConfigHistory configs;
  private final TrafficCounters counters;
  private final Sources sources;
  private final CertificateAuthority authority;
  private final ApplicationTls applications;
  private final Listeners listeners;
  private final ClientProxy clients;
  private final ScenarioPlayer player;
  private final SimulatedRatchet ratchet;
  private final SimulatedPolicies policies;
  private final SimulatedDryRuns dryRuns;
  private final SandboxProber prober;
  private final SandboxWireTap wireTap;

  private Sandbox(Scenario scenario, Clock clock, SandboxOptions options) {
    this.timer = new Timer();
    this.faults = new Faults(clock);
    this.cluster = new SimulatedCluster(scenario.mesh(), clock, faults);
    this.configs =
        new ConfigHistory(
            cluster.snapshot(), clock, faults, options.fastestPush(), options.slowestPush());
    cluster.watch(configs::push);
    this.counters = new TrafficCounters(clock, faults, options.retention(), cluster::pods);
    this.sources = new Sources(clock);
    this.authority = new CertificateAuthority(clock);
    this.applications = new ApplicationTls(clock);
    WireTraces wire = new WireTraces(clock);
    this.listeners =
        new Listeners(
            clock,
            options.listenerIdle(),
            options.maxListeners(),
            new ServerProxy(cluster, configs, authority, applications, sources, counters, wire));
    this.clients = clientsOf(listeners);
    this.ratchet = new SimulatedRatchet(faults);
    ratchet.install(scenario.ratchet());
    this.player = new ScenarioPlayer(cluster, ratchet, faults, clients, clock, timer);
    this.policies = new SimulatedPolicies(cluster, faults, ratchet, clock);
    this.dryRuns = new SimulatedDryRuns(cluster, faults);
    this.prober = new SandboxProber(cluster, faults, clients, clock);
    this.wireTap = new SandboxWireTap(cluster, faults, wire);
  }

  /** Starts a sandbox; the times of the scenario's calls and events begin here. */
  public static Sandbox start(Scenario scenario, Clock clock, SandboxOptions options) {
    Sandbox sandbox = new Sandbox(scenario, clock, options);
    sandbox.timer.every(HOUSEKEEPING, HOUSEKEEPING, sandbox::keepHouse);
    sandbox.player.play(scenario);
    return sandbox;
  }

  private void keepHouse() {
    listeners.closeIdle();
    sources.forgetOld();
    counters.forgetOld();
  }

  public Inventory inventory() {
    return cluster;
  }

  public PolicyWriter policyWriter() {
    return policies;
  }

  public InstalledRatchet ratchet() {
    return ratchet;
  }

  public DryRunPolicies dryRuns() {
    return dryRuns;
  }

  public ShadowRecord shadowRecord() {
    return counters;
  }

  public ProxySync proxySync() {
    return configs;
  }

  public TrafficRecord trafficRecord() {
    return counters;
  }

  public TrafficHistory trafficHistory() {
    return counters;
  }

  public CallHistory callHistory() {
    return counters;
  }

  public Prober prober() {
    return prober;
  }

  public WireTap wireTap() {
    return wireTap;
  }

  CertificateAuthority authority() {
    return authority;
  }

  /** Makes something happen now, as an event of a scenario would. */
  void happen(ScenarioEvent.Action action) {
    player.happen(action);
  }

  ClientProxy clients() {
    return clients;
  }

  /** Returns clients of other servers than the mesh's own. */
  ClientProxy clientsOf(Listeners servers) {
    return new ClientProxy(
        cluster,
        configs,
        authority,
        new ClientConversation(applications),
        sources,
        servers,
        counters,
        timer);
  }

  Listeners listeners() {
    return listeners;
  }

  /** Ends traffic, events and every socket. */
  @Override
  public void close() {
    timer.close();
    listeners.close();
  }
}
