// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.mtlsmigration.hook.NoticeClient;
import io.mtlsmigration.hook.NoticeMeter;
import io.mtlsmigration.hook.NoticeReceiver;
import io.mtlsmigration.hook.NoticeSender;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.notice.Notice;
import io.mtlsmigration.notice.NoticeStudy;
import io.mtlsmigration.notice.NoticeTests;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.worklist.Owners;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/**
 * Sends notices, beside the loop. Only the leader does; each receiver has a thread of its own while
 * it is called, so that one that hangs delays no other.
 */
@ApplicationScoped
public class NoticeSchedule implements NoticeTests {

  private static final Logger LOG = Logger.getLogger(NoticeSchedule.class);

  private final RolloutLedger ledger;
  private final Observations observations;
  private final Leadership leadership;
  private final Clock clock;
  private final List<String> ownerLabels;
  private final Optional<NoticeClient> client;
  private final List<Turn> turns;
  private final AtomicLong appended = new AtomicLong();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("notice-", 0).factory());
  private Past past = new Past(-1, List.of());
  private Set<String> unread = Set.of();

  /** A receiver, and whether it is being told right now. */
  private record Turn(NoticeSender sender, AtomicBoolean busy, AtomicBoolean away) {}

  /** The past, up to a number of events. */
  private record Past(long events, List<Event> told) {}

  /** Notices of what happened, and of what is so now. */
  private record Found(List<Notice> past, List<Notice> current) {}

  NoticeSchedule(
      Settings settings,
      Platform platform,
      RolloutLedger ledger,
      Observations observations,
      PlanLimits limits,
      TlsConfigurationRegistry tls,
      Vertx vertx,
      MeterRegistry meters,
      Clock clock) {
    this.ledger = ledger;
    this.observations = observations;
    this.leadership = platform.leadership();
    this.clock = clock;
    this.ownerLabels = settings.ownerLabels().orElse(List.of());
    List<NoticeReceiver> receivers =
        NoticeReceivers.of(settings.notices(), ConfigProvider.getConfig());
    var links = NoticeReceivers.links(settings.publicUrl().orElse(null));
    if (receivers.isEmpty()) {
      this.client = Optional.empty();
      this.turns = List.of();
      return;
    }
    var options = WebHooks.options(settings.hooks(), limits.hookTargets(), tls);
    NoticeClient calls = new NoticeClient(options, vertx);
    this.client = Optional.of(calls);
    NoticeSender.Sending sending =
        new NoticeSender.Sending(
            platform.noticeCursors(settings.notices().keySet()),
            leadership,
            calls,
            links,
            options.pace());
    NoticeMeter meter =
        (receiver, outcome, notices) ->
            Metric.NOTICES
                .counter(meters, receiver, outcome.name().toLowerCase(Locale.ROOT))
                .increment(notices);
    this.turns =
        receivers.stream()
            .map(receiver -> new NoticeSender(receiver, sending, meter, clock))
            .map(sender -> new Turn(sender, new AtomicBoolean(), new AtomicBoolean()))
            .toList();
    turns.forEach(
        turn ->
            Metric.NOTICES_WAITING.gauge(
                meters, turn.sender(), NoticeSender::waiting, turn.sender().name()));
  }

  /** Begins at the start, so that a wrong configuration ends the start, not a tick. */
  void begin(@Observes @Priority(1) StartupEvent started) {
    if (!turns.isEmpty()) {
      AutoCloseable unused = ledger.subscribe(event -> appended.incrementAndGet());
    }
  }

  void stop(@Observes ShutdownEvent stopping) {
    threads.shutdownNow();
    client.ifPresent(NoticeClient::close);
  }

  @Scheduled(
      identity = "notices",
      every = "2s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void look() {
    // Who owns a namespace is not known before.
    if (turns.isEmpty() || !observations.latest().modes().snapshot().known()) {
      return;
    }
    if (!leadership.leads()) {
      turns.forEach(turn -> turn.sender().rest());
      return;
    }
    Found found;
    try {
      found = found();
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("No notices are looked for, for the ledger cannot tell: %s", e.getMessage());
      return;
    }
    for (Turn turn : turns) {
      if (!threads.isShutdown() && turn.busy().compareAndSet(false, true)) {
        threads.execute(() -> take(turn, found));
      }
    }
  }

  private Found found() {
    MeshSnapshot snapshot = observations.latest().modes().snapshot();
    Owners owners = new Owners(snapshot, ownerLabels);
    NoticeStudy study =
        new NoticeStudy(ledger, namespace -> Optional.ofNullable(owners.ofNamespace(namespace)));
    long events = appended.get();
    if (past.events() != events) {
      past = new Past(events, NoticeStudy.telling(ledger.events("")));
    }
    Found found = new Found(study.past(past.told()), study.current(clock.instant()));
    Set<String> now = Set.copyOf(study.unread().keySet());
    if (!now.isEmpty() && !now.equals(unread)) {
      LOG.warnf("Notices of plans that cannot be read wait plans=%s", study.unread());
    }
    unread = now;
    return found;
  }

  @Override
  public List<String> receivers() {
    return turns.stream().map(turn -> turn.sender().name()).toList();
  }

  @Override
  public Result test(String receiver, String by) throws InterruptedException {
    NoticeSender sender =
        turns.stream()
            .map(Turn::sender)
            .filter(one -> one.name().equals(receiver))
            .findFirst()
            .orElseThrow();
    return sender.test(Notice.test(clock.instant(), by));
  }

  private static void take(Turn turn, Found found) {
    try {
      turn.sender().pass(found.past(), found.current());
      turn.away().set(false);
    } catch (RolloutLedger.UnavailableException e) {
      if (!turn.away().getAndSet(true)) {
        LOG.warnf(
            "Notices wait, for it is not known what was told notice=%s: %s",
            turn.sender().name(), e.getMessage());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.errorf(
          e, "Notices could not be sent, and are tried again notice=%s", turn.sender().name());
    } finally {
      turn.busy().set(false);
    }
  }
}
