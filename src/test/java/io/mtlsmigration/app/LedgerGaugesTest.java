// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class LedgerGaugesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private final MemoryLedger ledger = new MemoryLedger();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final LedgerGauges gauges = new LedgerGauges(meters, Clock.fixed(NOW, ZoneOffset.UTC));

  private PlanRecord plan(String name, Instant createdAt) {
    return plan(name, createdAt, PlanPhase.RUNNING);
  }

  private PlanRecord plan(
      String name, Instant createdAt, PlanPhase phase, String... lastDaysOfExceptions) {
    PlanRecord plan =
        ledger.save(
            new PlanRecord(
                new PlanSpec(
                    name,
                    PlanSpec.Target.NAMESPACES,
                    PlanSpec.Scope.EVERYTHING,
                    List.of(),
                    PlanSpec.Gates.DEFAULT,
                    PlanSpec.Verification.DEFAULT,
                    PlanSpec.OnFailure.ROLLBACK,
                    PlanSpec.Apply.DIRECT,
                    false,
                    Arrays.stream(lastDaysOfExceptions).map(LedgerGaugesTest::exception).toList(),
                    PlanSpec.Start.ON_COMMAND),
                name,
                "",
                1,
                phase,
                "somebody",
                createdAt,
                null,
                null,
                List.of(),
                Map.of(),
                "",
                List.of()));
    ledger.save(
        StepRecord.begin(
            name, new StepKey("foo"), "uid", Phase.OBSERVING, NOW, Reason.PLAN_STARTED, ""));
    return plan;
  }

  private static PlanSpec.PolicyException exception(String lastDay) {
    return new PlanSpec.PolicyException(
        "foo", Map.of(), 9090, "team-a", "scrape", LocalDate.parse(lastDay), List.of());
  }

  private double exceptions(String state) {
    return meters.get("mtls_migration.exceptions").tag("state", state).gauge().value();
  }

  @Test
  void tellsWhichExceptionsAreOver() {
    plan("running", NOW, PlanPhase.RUNNING, "2025-12-31", "2026-01-01", "2026-01-15", "2026-01-16");
    plan("completed", NOW, PlanPhase.COMPLETED, "2025-06-30");
    plan("undone", NOW, PlanPhase.CLEANED_UP, "2025-06-30");
    plan("not-begun", NOW, PlanPhase.DRAFT, "2025-06-30");

    gauges.count(ledger);

    assertEquals(2, exceptions("expired"));
    assertEquals(2, exceptions("expires_soon"));
    assertEquals(1, exceptions("valid"));
  }

  private Set<String> plansShown() {
    Set<String> shown = new TreeSet<>();
    for (Gauge gauge : meters.find("mtls_migration.steps").gauges()) {
      shown.add(String.valueOf(gauge.getId().getTag("plan")));
    }
    return shown;
  }

  private double steps(String plan) {
    return meters.get("mtls_migration.steps").tag("plan", plan).gauge().value();
  }

  @Test
  void beyondFiftyTheOldestPlansAreToldTogether() {
    for (int i = 0; i < 60; i++) {
      plan("p" + i, NOW.plusSeconds(i));
    }

    gauges.count(ledger);

    assertEquals(Metric.NAMED_PLANS + 1, plansShown().size());
    assertTrue(plansShown().contains("p59") && !plansShown().contains("p0"));
    assertEquals(10, steps(LedgerGauges.OTHERS));
    assertEquals(60, meters.get("mtls_migration.plans").tag("phase", "RUNNING").gauge().value());
  }

  @Test
  void aSeriesGoesWithItsPlan() {
    PlanRecord gone = plan("gone", NOW);
    plan("here", NOW);
    gauges.count(ledger);

    ledger.delete("gone", gone.version());
    gauges.count(ledger);

    assertEquals(Set.of("here"), plansShown());
    assertEquals(1, steps("here"));
  }

  @Test
  void anotherReplicaThatLeadsTellsInstead() {
    plan("here", NOW);
    gauges.count(ledger);

    gauges.clear();

    assertEquals(Set.of(), plansShown());
    assertEquals(0, meters.get("mtls_migration.plans").tag("phase", "RUNNING").gauge().value());
  }
}
