// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.plan.LeastGates;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;

/** The platform, with each of its ports as a bean. */
final class PlatformBeans {

  private PlatformBeans() {}

  @Produces
  @Singleton
  static Platform platform(
      Settings settings,
      Clock clock,
      ProbeJournal journal,
      ReplicaListener replicas,
      TlsConfigurationRegistry tls,
      Spans spans,
      MeterRegistry meters,
      Vertx vertx) {
    Environment environment = Environment.ofProcess();
    Platform platform =
        switch (site(environment)) {
          case DeploymentMode.Sandbox sandbox -> SandboxPlatform.start(settings, clock);
          case DeploymentMode.Cluster cluster ->
              ClusterPlatform.start(
                  cluster,
                  settings,
                  new ClusterPlatform.Surroundings(
                      environment,
                      address(settings, environment, replicas),
                      clock,
                      journal,
                      tls,
                      new WatchedQueries(spans, meters, clock),
                      vertx));
        };
    journal.terms(platform.leadership()::term);
    return platform;
  }

  /** Returns the address for other replicas; empty when they cannot reach this one (a laptop). */
  private static String address(
      Settings settings, Environment environment, ReplicaListener replicas) {
    return settings
        .cluster()
        .address()
        .or(environment::addressOfPod)
        .map(address -> replicas.open(address).published())
        .orElse("");
  }

  private static DeploymentMode site(Environment environment) {
    Config config = ConfigProvider.getConfig();
    try {
      return DeploymentMode.decide(key -> config.getOptionalValue(key, String.class), environment);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage());
    }
  }

  /** Creates the platform before anything is scheduled: a failure ends the start, once. */
  static void begin(@Observes @Priority(1) StartupEvent started, Platform.MeshPorts mesh) {
    mesh.inventory().snapshot();
  }

  static void close(@Disposes Platform platform) {
    platform.close();
  }

  @Produces
  @Singleton
  static Platform.MeshPorts mesh(Platform platform) {
    return platform.mesh();
  }

  @Produces
  @Singleton
  static Inventory inventory(Platform.MeshPorts mesh) {
    return mesh.inventory();
  }

  @Produces
  @Singleton
  static PolicyWriter policyWriter(Platform.MeshPorts mesh, Spans spans, MeterRegistry meters) {
    return new WatchedWriter(mesh.policyWriter(), spans, meters);
  }

  @Produces
  @Singleton
  static InstalledRatchet ratchet(Platform.MeshPorts mesh) {
    return mesh.ratchet();
  }

  @Produces
  @Singleton
  static ProxySync proxySync(Platform.MeshPorts mesh) {
    return mesh.proxySync();
  }

  @Produces
  @Singleton
  static TrafficRecord trafficRecord(Platform.MeshPorts mesh) {
    return mesh.trafficRecord();
  }

  @Produces
  @Singleton
  static TrafficHistory trafficHistory(Platform.MeshPorts mesh) {
    return mesh.trafficHistory();
  }

  @Produces
  @Singleton
  static CallHistory callHistory(Platform.MeshPorts mesh) {
    return mesh.callHistory();
  }

  @Produces
  @Singleton
  static ShadowRecord shadowRecord(Platform.MeshPorts mesh) {
    return mesh.shadowRecord();
  }

  @Produces
  @Singleton
  static Prober prober(Platform.MeshPorts mesh) {
    return mesh.prober();
  }

  @Produces
  @Singleton
  static WireTap wireTap(Platform.MeshPorts mesh, Spans spans) {
    return new TracedTap(mesh.wireTap(), spans);
  }

  @Produces
  @Singleton
  static AgentReconciler agentReconciler(Platform platform) {
    return platform.agentReconciler();
  }

  @Produces
  @Singleton
  static RolloutLedger ledger(Platform platform) {
    return platform.ledger();
  }

  @Produces
  @Singleton
  static Leadership leadership(Platform platform) {
    return platform.leadership();
  }

  @Produces
  @Singleton
  static Limits limits(Platform platform) {
    return platform.limits();
  }

  @Produces
  @Singleton
  static PlanLimits planLimits(Platform platform, Settings settings) {
    Settings.Least least = settings.gates().least();
    return platform
        .planLimits()
        .withMaxPlans(settings.limits().plans())
        .withLeast(
            new LeastGates(
                least.approval(),
                least.soak(),
                least.plaintextWindow(),
                least.probes(),
                least.noSamples(),
                least.maxRefusals(),
                least.maxClientFailureRatio(),
                least.ignoredAddresses()));
  }
}
