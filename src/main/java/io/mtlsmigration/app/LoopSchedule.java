// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.rollout.loop.TickReport;
import io.opentelemetry.api.trace.Span;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Runs the loop: observe, decide, act, record. Ticks never overlap; one that fails is logged,
 * counted, and followed by the next. Only the leader runs it.
 */
@ApplicationScoped
public class LoopSchedule {

  private static final Logger LOG = Logger.getLogger(LoopSchedule.class);

  private static final Duration TO_END = Duration.ofSeconds(5);

  private final RolloutLoop loop;
  private final Observations observations;
  private final RolloutLedger ledger;
  private final Leadership leadership;
  private final Runnable afterTick;
  private final PlanCommands commands;
  private final Heartbeat heartbeat;
  private final Spans spans;
  private final MeterRegistry meters;
  private final LedgerGauges gauges;
  private final Limits limits;

  /** Held by a tick, and for good by the end of the service. */
  private final Semaphore turn = new Semaphore(1);

  LoopSchedule(
      RolloutLoop loop,
      Observations observations,
      RolloutLedger ledger,
      Leadership leadership,
      Heartbeat heartbeat,
      Platform platform,
      PlanCommands commands,
      Spans spans,
      MeterRegistry meters,
      Clock clock) {
    this.loop = loop;
    this.leadership = leadership;
    this.observations = observations;
    this.ledger = ledger;
    this.afterTick = platform.afterTick(commands);
    this.commands = commands;
    this.heartbeat = heartbeat;
    this.spans = spans;
    this.meters = meters;
    this.gauges = new LedgerGauges(meters, clock);
    this.limits = platform.limits();
  }

  @Scheduled(
      identity = "loop",
      every = "{mtls-migration.loop.interval}",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void tick() {
    if (!turn.tryAcquire()) {
      return;
    }
    try {
      step();
    } finally {
      turn.release();
    }
  }

  /** A tick that is under way ends while there is something to write with; none follows. */
  void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
    if (!turn.tryAcquire(TO_END.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("The service stops in the middle of a tick; the next leader goes on from there");
    }
  }

  private void step() {
    if (!leadership.leads()) {
      heartbeat.beat("");
      gauges.clear();
      return;
    }
    Timer.Sample time = Timer.start(meters);
    String outcome = "died";
    try {
      TickReport report = spans.within("tick", this::turn);
      outcome = report.failures().isEmpty() ? "ok" : "partial";
      heartbeat.beat(
          report.failures().stream()
              .filter(left -> left.plan().isEmpty()) // whoever asks for health may know no plan
              .findFirst()
              .map(left -> String.valueOf(left.cause().getMessage()))
              .orElse(unreadable(ledger.faults().size())));
      gauges.count(ledger);
      gauges.judge(ledger, observations.latest(), limits);
    } catch (RolloutLedger.UnavailableException e) {
      // A restart would not help: the process is alive, and waits.
      outcome = "ledger_away";
      heartbeat.beat(String.valueOf(e.getMessage()));
      LOG.warnf("Nothing is decided, for the ledger cannot tell reason=%s", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("The tick died; the next one starts as scheduled", e);
    } finally {
      time.stop(Metric.TICKS.timer(meters, outcome));
    }
    after();
  }

  private static String unreadable(int records) {
    return records == 0
        ? ""
        : Words.counted(records, "record")
            + " of plans cannot be read: GET /api/v1/mesh names them";
  }

  private TickReport turn(Span span) {
    Observation observation = observations.latest();
    TickReport report = loop.tick(observation);
    span.setAttribute("mtls_migration.plans", report.plans());
    span.setAttribute("mtls_migration.steps", report.steps());
    span.setAttribute("mtls_migration.writes", report.writes());
    span.setAttribute("mtls_migration.transitions", report.transitions());
    span.setAttribute("mtls_migration.failures", report.failures().size());
    report.failures().forEach(LoopSchedule::tell);
    return report;
  }

  /**
   * Logs a failure; the next tick reads again what another writer has changed or a server could not
   * store.
   */
  private static void tell(TickReport.Failure failure) {
    switch (failure.cause()) {
      case RolloutLedger.StaleRecordException stale ->
          LOG.infof(
              "Somebody else was first; decided anew plan=%s subject=%s reason=%s",
              failure.plan(), failure.subject(), stale.getMessage());
      case RolloutLedger.UnavailableException away ->
          LOG.warnf(
              "A step could not be recorded and is tried again plan=%s subject=%s reason=%s",
              failure.plan(), failure.subject(), away.getMessage());
      default ->
          LOG.errorf(
              failure.cause(),
              "A step failed and is tried again plan=%s subject=%s",
              failure.plan(),
              failure.subject());
    }
  }

  /** Runs the tasks after a tick; a failure does not stop the next tick. */
  private void after() {
    try {
      afterTick.run();
      commands.startAccepted();
    } catch (RolloutLedger.UnavailableException e) {
      // The ledger tells itself that it is away; what waits to be started waits on.
    } catch (RuntimeException e) {
      LOG.error("What follows a tick died; it is tried again after the next one", e);
    }
  }
}
