package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.sandbox.Sandbox;
import io.mtlsmigration.sandbox.SandboxOptions;
import io.mtlsmigration.sandbox.Scenario;
import io.mtlsmigration.sandbox.ScenarioException;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The ports, filled by the embedded sandbox. */
final class SandboxBeans {

  private SandboxBeans() {}

  @Produces
  @Singleton
  static Sandbox sandbox(Settings settings, Clock clock) {
    try {
      return Sandbox.start(
          scenario(settings.sandbox(), clock.instant()), clock, SandboxOptions.DEFAULT);
    } catch (ScenarioException e) {
      // Quarkus prints the message of this exception alone, without a stack trace.
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    }
  }

  /** Before anything is scheduled: a scenario that cannot be played ends the start, once. */
  static void begin(@Observes @Priority(1) StartupEvent started, Sandbox sandbox) {
    sandbox.inventory().snapshot();
  }

  private static Scenario scenario(Settings.SandboxSettings settings, Instant now) {
    if (settings.folder().isPresent()) {
      return Scenario.folder(Path.of(settings.folder().get()), now);
    }
    if (settings.generate().isPresent()) {
      return Scenario.generated(settings.generate().get(), now);
    }
    return Scenario.builtIn(settings.scenario(), now);
  }

  static void close(@Disposes Sandbox sandbox) {
    sandbox.close();
  }

  @Produces
  @Singleton
  static Inventory inventory(Sandbox sandbox) {
    return sandbox.inventory();
  }

  @Produces
  @Singleton
  static PolicyWriter policyWriter(Sandbox sandbox) {
    return sandbox.policyWriter();
  }

  @Produces
  @Singleton
  static ProxySync proxySync(Sandbox sandbox) {
    return sandbox.proxySync();
  }

  @Produces
  @Singleton
  static TrafficRecord trafficRecord(Sandbox sandbox) {
    return sandbox.trafficRecord();
  }

  @Produces
  @Singleton
  static Prober prober(Sandbox sandbox) {
    return sandbox.prober();
  }

  @Produces
  @Singleton
  static WireTap wireTap(Sandbox sandbox) {
    return sandbox.wireTap();
  }

  /** Stand-in proxies close what a new mode forbids at once. */
  @Produces
  @Singleton
  static Limits limits() {
    return Limits.DEFAULT.withDrain(Duration.ZERO);
  }

  @Produces
  @Singleton
  static PlanLimits planLimits(Settings settings) {
    return settings.limits().localHooks()
        ? PlanLimits.SANDBOX.withLocalHooks()
        : PlanLimits.SANDBOX;
  }

  @Produces
  @Singleton
  static RolloutLedger ledger() {
    return new MemoryLedger();
  }
}
