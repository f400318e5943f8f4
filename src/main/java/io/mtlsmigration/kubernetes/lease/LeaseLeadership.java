// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.mtlsmigration.rollout.Leadership;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Leadership by holding a Lease. fabric8's elector runs the election; this class keeps it going,
 * and decides by the {@link LeaseView} alone whether its process may act:
 *
 * <ul>
 *   <li>An elector ends when its lease is lost, and goes silent, without ending, when an attempt
 *       throws an unexpected exception (the future of {@code start()} is then never completed). A
 *       new one is started in both cases.
 *   <li>Its callbacks come late, after a stop of the process, or not at all (fabric8 issues 2860
 *       and 5463). {@link #leads} asks the ticker on each call.
 * </ul>
 */
public final class LeaseLeadership implements Leadership, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(LeaseLeadership.class);

  private final KubernetesClient client;
  private final LeaseOptions options;
  private final Clock clock;
  private final LeaseView view;
  private final ExecutorService attempts =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("lease-", 0).factory());
  private final ScheduledExecutorService supervision =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("lease-supervision").factory());
  private @Nullable CompletableFuture<?> election;
  private boolean closed;

  /**
   * Lock-free: the elector reports while it holds its own lock, which {@link #keepElecting} needs.
   */
  private final AtomicBoolean led = new AtomicBoolean();

  /**
   * Prepares the election; nothing is called before {@link #start}.
   *
   * @param client gives up calls well before the renew deadline
   * @param ticker nanoseconds that only go forward, such as {@code System::nanoTime}
   */
  public LeaseLeadership(
      KubernetesClient client, LeaseOptions options, Clock clock, LongSupplier ticker) {
    this.client = client;
    this.options = options;
    this.clock = clock;
    this.view = new LeaseView(ticker, options.renewDeadline(), clock);
  }

  /** Takes part from now on. Does not block. */
  public void start() {
    long period = options.retryPeriod().toMillis();
    var unused =
        supervision.scheduleWithFixedDelay(this::supervise, 0, period, TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean leads() {
    return view.leads();
  }

  @Override
  public long term() {
    return view.term();
  }

  @Override
  public Optional<String> address() {
    return view.address();
  }

  @Override
  public Optional<Instant> ledBefore() {
    return view.ledBefore();
  }

  @Override
  public Optional<String> clocksApart() {
    return view.clocksApart()
        .map(
            ahead ->
                "this machine's clock is "
                    + Duration.ofSeconds(ahead.abs().toSeconds())
                    + (ahead.isNegative() ? " behind" : " ahead of")
                    + " the API server's: synchronize them, for ages are told by both");
  }

  private void supervise() {
    try {
      keepElecting();
      tell();
    } catch (RuntimeException | Error e) {
      // An exception here would end the schedule silently.
      LOG.errorf(e, "The election is started again soon lease=%s", options.name());
    }
  }

  private synchronized void keepElecting() {
    if (closed) {
      return;
    }
    CompletableFuture<?> current = election;
    Duration silence = view.sinceAttempt();
    if (current != null && !current.isDone() && silence.compareTo(options.duration()) <= 0) {
      return;
    }
    if (current != null) {
      LOG.infof(
          "Takes part in the election again lease=%s lastAttempt=%s ago", options.name(), silence);
      current.cancel(true);
    }
    view.attempt();
    election = new LeaderElector(client, config(), attempts).start();
  }

  private LeaderElectionConfig config() {
    return new LeaderElectionConfigBuilder()
        .withName(options.name())
        .withLock(new WatchedLease(options, view, clock))
        .withLeaseDuration(options.duration())
        .withRenewDeadline(options.renewDeadline())
        .withRetryPeriod(options.retryPeriod())
        .withReleaseOnCancel(true)
        .withLeaderCallbacks(
            new LeaderCallbacks(
                this::tell,
                view::letGo,
                leader -> LOG.debugf("The lease changed hands leader=%s", leader)))
        .build();
  }

  private void tell() {
    boolean leads = view.leads();
    if (led.getAndSet(leads) != leads) {
      LOG.infof(
          leads
              ? "This replica leads identity=%s term=%d"
              : "This replica follows identity=%s term=%d",
          options.identity(),
          view.term());
    }
  }

  /** Stops leading at once, and releases the lease to the next candidate. */
  @Override
  public void close() {
    CompletableFuture<?> current;
    synchronized (this) {
      closed = true;
      current = election;
    }
    view.end();
    supervision.shutdownNow();
    if (current != null) {
      current.cancel(true);
    }
    attempts.shutdownNow();
  }
}
