package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.AgentUpkeep;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;

/** The platform, and each of its ports as a bean of its own. */
final class PlatformBeans {

  private PlatformBeans() {}

  @Produces
  @Singleton
  static Platform platform(Settings settings, Clock clock) {
    return SandboxPlatform.start(settings, clock);
  }

  /** Before anything is scheduled: a platform that cannot be had ends the start, once. */
  static void begin(@Observes @Priority(1) StartupEvent started, Platform platform) {
    platform.inventory().snapshot();
  }

  static void close(@Disposes Platform platform) {
    platform.close();
  }

  @Produces
  @Singleton
  static Inventory inventory(Platform platform) {
    return platform.inventory();
  }

  @Produces
  @Singleton
  static PolicyWriter policyWriter(Platform platform) {
    return platform.policyWriter();
  }

  @Produces
  @Singleton
  static ProxySync proxySync(Platform platform) {
    return platform.proxySync();
  }

  @Produces
  @Singleton
  static TrafficRecord trafficRecord(Platform platform) {
    return platform.trafficRecord();
  }

  @Produces
  @Singleton
  static Prober prober(Platform platform) {
    return platform.prober();
  }

  @Produces
  @Singleton
  static WireTap wireTap(Platform platform) {
    return platform.wireTap();
  }

  @Produces
  @Singleton
  static AgentUpkeep agentUpkeep(Platform platform) {
    return platform.agentUpkeep();
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
  static PlanLimits planLimits(Platform platform) {
    return platform.planLimits();
  }
}
