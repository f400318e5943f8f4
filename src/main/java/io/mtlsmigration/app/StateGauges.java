// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.mtlsmigration.api.ApiLoad;
import io.mtlsmigration.api.security.AccessRules;
import io.mtlsmigration.hook.HttpHooks;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.wire.WireCheck;
import io.mtlsmigration.wire.WireChecks;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The current state as gauges, computed at each scrape. */
@Singleton
final class StateGauges {

  private final Inventory inventory;
  private final Observations observations;
  private final Clock clock;

  StateGauges(Inventory inventory, Observations observations, Clock clock) {
    this.inventory = inventory;
    this.observations = observations;
    this.clock = clock;
  }

  /**
   * Drops gauges that both HTTP servers, the API's and the management's, register under one name
   * without a label: Micrometer warns, and shows one of them.
   */
  @Produces
  @Singleton
  static MeterFilter ambiguous() {
    return MeterFilter.denyNameStartsWith("vertx.http.connections.");
  }

  /**
   * Merges paths that belong to no operation, such as those called with a wrong method: callers
   * could invent any number of them.
   */
  @Produces
  @Singleton
  static MeterFilter templates(AccessRules rules) {
    return MeterFilter.replaceTagValues(
        "uri",
        uri ->
            uri.startsWith("/") && rules.all().stream().noneMatch(rule -> rule.path().equals(uri))
                ? "OTHER"
                : uri);
  }

  void register(
      @Observes StartupEvent started,
      MeterRegistry meters,
      Leadership leadership,
      ConnectivityLog log,
      WireChecks checks,
      ApiLoad load,
      HttpHooks hooks) {
    Metric.LEADER.gauge(meters, leadership, lead -> lead.leads() ? 1 : 0);
    for (Posture posture : Posture.values()) {
      Metric.NAMESPACES.gauge(meters, this, me -> me.namespaces(posture), posture.name());
    }
    for (SourceHealth source : inventory.snapshot().sources()) {
      Metric.FACTS_AGE.gauge(meters, this, me -> me.factsAge(source.source()), source.source());
    }
    Metric.EVIDENCE_AGE.gauge(meters, log, probes -> age(probes.matrix().asOf(), clock), "probes");
    Metric.WORK.gauge(meters, checks, StateGauges::running, "wire_checks", "running");
    Metric.WORK.gauge(meters, load, ApiLoad::analyses, "analyses", "running");
    Metric.WORK.gauge(meters, load, ApiLoad::streams, "event_streams", "running");
    Metric.WORK.gauge(meters, hooks, HttpHooks::running, "hooks", "running");
    Metric.WORK.gauge(meters, hooks, HttpHooks::waiting, "hooks", "waiting");
  }

  private static long running(WireChecks checks) {
    return checks.checks().stream()
        .filter(check -> check.progress() instanceof WireCheck.Progress.Running)
        .count();
  }

  private int namespaces(Posture posture) {
    return observations.latest().modes().tally().namespaces().getOrDefault(posture, 0);
  }

  private double factsAge(String source) {
    for (SourceHealth health : inventory.snapshot().sources()) {
      if (health.source().equals(source)) {
        Instant asOf = health.asOf();
        return age(asOf == null ? Instant.EPOCH : asOf, clock);
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /** Returns an age in seconds; infinite if it never happened, so that "older than" holds. */
  static double age(Instant since, Clock clock) {
    return since.equals(Instant.EPOCH)
        ? Double.POSITIVE_INFINITY
        : Duration.between(since, clock.instant()).toMillis() / 1000.0;
  }
}
