// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.plan.HookTargets;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.sandbox.MemoryNoticeCursors;
import io.mtlsmigration.sandbox.Sandbox;
import io.mtlsmigration.sandbox.SandboxOptions;
import io.mtlsmigration.sandbox.Scenario;
import io.mtlsmigration.sandbox.ScenarioException;
import io.mtlsmigration.sandbox.Scenarios;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.ConfigProvider;

/** The platform of the embedded sandbox. */
final class SandboxPlatform implements Platform {

  private final Sandbox sandbox;
  private final PlanLimits planLimits;
  private final RolloutLedger ledger = new MemoryLedger();
  private final NoticeCursors cursors = new MemoryNoticeCursors();

  private SandboxPlatform(Sandbox sandbox, PlanLimits planLimits) {
    this.sandbox = sandbox;
    this.planLimits = planLimits;
  }

  /**
   * Loads the scenario and plays it.
   *
   * @throws ConfigurationException whose message Quarkus prints alone, without a stack trace
   */
  static SandboxPlatform start(Settings settings, Clock clock) {
    PlanLimits limits =
        PlanLimits.SANDBOX.withHookTargets(WebHooks.targets(settings.hooks(), onTheMachine()));
    try {
      return new SandboxPlatform(
          Sandbox.start(
              scenario(settings.sandbox(), clock.instant()), clock, SandboxOptions.DEFAULT),
          limits);
    } catch (ScenarioException | IllegalArgumentException e) {
      throw new ConfigurationException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Returns loopback as allowed targets: whoever can reach a sandbox on loopback can reach what
   * else listens there, and a first hook is a program on the same machine.
   */
  private static HookTargets onTheMachine() {
    String host = ConfigProvider.getConfig().getValue("quarkus.http.host", String.class);
    return AccessCheck.isLoopback(host)
        ? HookTargets.allowing(List.of("127.0.0.0/8", "::1"))
        : HookTargets.PUBLIC;
  }

  private static Scenario scenario(Settings.SandboxSettings settings, Instant now) {
    if (settings.folder().isPresent()) {
      return Scenarios.folder(Path.of(settings.folder().get()), now);
    }
    if (settings.generate().isPresent()) {
      return Scenarios.generated(settings.generate().get(), now);
    }
    return Scenarios.builtIn(settings.scenario(), now);
  }

  @Override
  public MeshPorts mesh() {
    return new MeshPorts(
        sandbox.inventory(),
        sandbox.policyWriter(),
        sandbox.ratchet(),
        sandbox.dryRuns(),
        sandbox.proxySync(),
        sandbox.trafficRecord(),
        sandbox.trafficHistory(),
        sandbox.callHistory(),
        sandbox.shadowRecord(),
        sandbox.prober(),
        sandbox.wireTap());
  }

  @Override
  public RolloutLedger ledger() {
    return ledger;
  }

  @Override
  public NoticeCursors noticeCursors(Set<String> receivers) {
    return cursors;
  }

  @Override
  public Leadership leadership() {
    return Leadership.ALONE;
  }

  /** Returns limits without drain: stand-in proxies close forbidden connections at once. */
  @Override
  public Limits limits() {
    return Limits.DEFAULT.withDrain(Duration.ZERO);
  }

  @Override
  public PlanLimits planLimits() {
    return planLimits;
  }

  @Override
  public void close() {
    sandbox.close();
  }
}
