// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Turns;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes probes, many at once on virtual threads, up to a bound, and none for longer than its
 * timeout: one client that hangs costs one cell, not the round.
 */
final class ProbeRounds implements AutoCloseable {

  /** The extra time for a prober that exceeds its own timeout. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** How often results are recorded before the round is over: servers that hang make it long. */
  private static final Duration EARLY = Duration.ofSeconds(1);

  /** How long a round waits for a namespace, and others for its probes; a quarter of a gate's. */
  static final Duration LONGEST = Duration.ofMinutes(1);

  private static final String UNENDED =
      "probes that were begun in this pod have not ended; more are not begun meanwhile";

  /**
   * The time limit of a probe, the maximum number of concurrent probes, and how long a round waits
   * for a namespace.
   */
  record Bounds(Duration timeout, int concurrency, Duration longest) {
    Bounds(Duration timeout, int concurrency) {
      this(timeout, concurrency, LONGEST);
    }
  }

  private final Prober prober;
  private final ConnectivityLog log;
  private final ProbeJournal journal;
  private final Clock clock;
  private final Duration timeout;
  private final int concurrency;
  private final Semaphore places;

  /** The share of the slots for rounds that people request, so that scheduled rounds go on. */
  private final Semaphore placesForAsked;

  /** The share of the slots for probes of rounds that are over, so that the next one goes on. */
  private final EvenSlots placesForLate;

  /** The number of probes that have begun to wait for a slot, and have none. */
  private final AtomicInteger waiting = new AtomicInteger();

  private final Duration longest;

  /** Namespaces of servers whose probes are left over from a round. */
  private final Set<String> late = ConcurrentHashMap.newKeySet();

  private final Consumer<Cell> onResult;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("probe-", 0).factory());

  ProbeRounds(
      Prober prober,
      ConnectivityLog log,
      ProbeJournal journal,
      Clock clock,
      Bounds bounds,
      Consumer<Cell> onResult) {
    this.prober = prober;
    this.log = log;
    this.journal = journal;
    this.clock = clock;
    this.timeout = bounds.timeout();
    this.concurrency = bounds.concurrency();
    this.places = new Semaphore(concurrency, true);
    this.placesForAsked = new Semaphore(Math.max(1, concurrency / 4), true);
    this.placesForLate = new EvenSlots(Math.max(1, concurrency / 4 * 3));
    this.longest = bounds.longest();
    this.onResult = onResult;
  }

  /** The expected result of a probe. */
  interface Expecting extends Function<ProbeTarget, Expectation> {}

  /**
   * Probes every target, records the results, and returns them in key order. Where the servers of a
   * namespace take longer than others may wait, its probes go on beside the next rounds, which have
   * to leave it out ({@link #late}).
   *
   * @param begun when the round began, which has ended for such a namespace with its last probe
   */
  List<Cell> run(List<ProbeTarget> targets, Expecting expecting, Instant begun) {
    AtomicBoolean over = new AtomicBoolean();
    List<Begun> probes = begin(targets, target -> probe(target, expecting, over));
    long end = System.nanoTime() + longest.toNanos();
    Map<String, List<Begun>> left = new HashMap<>();
    List<Cell> cells = new ArrayList<>(probes.size());
    for (Begun one : probes) {
      if (endsBy(end, one.cell())) {
        cells.add(await(one, expecting));
      } else {
        left.computeIfAbsent(one.target().service().namespace(), n -> new ArrayList<>()).add(one);
      }
    }
    over.set(true);
    late.addAll(left.keySet());
    left.forEach(
        (namespace, rest) ->
            threads.execute(
                () -> {
                  try {
                    record(await(rest, expecting));
                    log.ended(namespace, begun);
                  } catch (CancellationException e) {
                    // The service is stopping.
                  } finally {
                    late.remove(namespace);
                  }
                }));
    return record(cells);
  }

  /** A probe of a round, which has to wait for its slot. */
  private record Begun(ProbeTarget target, Future<Cell> cell) {}

  /** Returns the namespaces of servers that are still probed for a round that is over. */
  Set<String> late() {
    return Set.copyOf(late);
  }

  /** Returns whether a probe ends by a time of {@link System#nanoTime}. */
  private static boolean endsBy(long end, Future<Cell> future) {
    try {
      future.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true; // with what it was ended by
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Makes a round that a person requested, with a share of the slots only. */
  List<Cell> runAsked(List<ProbeTarget> targets, Expecting expecting) {
    List<Begun> probes =
        begin(
            targets,
            target -> {
              placesForAsked.acquire();
              try {
                places.acquire();
                return inPlace(target, expecting);
              } finally {
                placesForAsked.release();
              }
            });
    return record(await(probes, expecting));
  }

  @FunctionalInterface
  private interface Probing {
    Cell cell(ProbeTarget target) throws InterruptedException;
  }

  private List<Begun> begin(List<ProbeTarget> targets, Probing probing) {
    Early early = new Early();
    List<Begun> probes = new ArrayList<>(targets.size());
    waiting.addAndGet(targets.size());
    for (ProbeTarget target : Turns.of(targets, one -> one.service().namespace())) {
      Future<Cell> cell = threads.submit(() -> early.record(probing.cell(target)));
      probes.add(new Begun(target, cell));
    }
    return probes;
  }

  private List<Cell> record(List<Cell> cells) {
    cells.sort(Comparator.comparing(Cell::key));
    log.record(cells, clock.instant());
    journal.prune(clock.instant());
    cells.forEach(onResult);
    return cells;
  }

  /** Records results before the round is over. */
  private final class Early {
    private final Queue<Cell> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicLong recordedAt = new AtomicLong(System.nanoTime());

    Cell record(Cell cell) {
      waiting.add(cell);
      long last = recordedAt.get();
      long now = System.nanoTime();
      if (now - last > EARLY.toNanos() && recordedAt.compareAndSet(last, now)) {
        List<Cell> some = new ArrayList<>();
        for (Cell next = waiting.poll(); next != null; next = waiting.poll()) {
          some.add(next);
        }
        log.recordEarly(some, clock.instant());
      }
      return cell;
    }
  }

  /** Returns the number of running probes. */
  int running() {
    return concurrency - places.availablePermits();
  }

  /** Returns the number of probes waiting for a slot. */
  int waiting() {
    return waiting.get();
  }

  /**
   * Makes a probe of a round.
   *
   * @param over whether the round is: what is left of it has a share of the slots only
   */
  private Cell probe(ProbeTarget target, Expecting expecting, AtomicBoolean over)
      throws InterruptedException {
    places.acquire();
    if (over.get()) {
      places.release();
      String namespace = target.service().namespace();
      placesForLate.acquire(namespace);
      try {
        places.acquire();
        return inPlace(target, expecting);
      } finally {
        placesForLate.release(namespace);
      }
    }
    return inPlace(target, expecting);
  }

  /** Makes a probe, and gives its slot back. */
  private Cell inPlace(ProbeTarget target, Expecting expecting) throws InterruptedException {
    waiting.decrementAndGet();
    try {
      // The start time: a policy written during the probe may or may not have been seen.
      Instant startedAt = clock.instant();
      Expectation expected = expecting.apply(target);
      ProbeTraces.Trace trace = journal.begun(target, startedAt).orElse(null);
      if (trace == null) {
        return skipped(target, UNENDED, expected);
      }
      ProbeResult told = bounded(target, trace);
      ProbeResult result = expected.answererTold() ? told : told.ofAnybody();
      Cell cell = Cell.of(target, result, startedAt, expected);
      journal.made(trace, target, result, cell, clock.instant());
      return cell;
    } finally {
      places.release();
    }
  }

  private ProbeResult bounded(ProbeTarget target, ProbeTraces.Trace trace)
      throws InterruptedException {
    Future<ProbeResult> result =
        threads.submit(
            () ->
                prober.probe(
                    target, trace.port(), timeout, () -> journal.ended(trace, clock.instant())));
    try {
      return result.get(timeout.plus(GRACE).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      result.cancel(true);
      return new ProbeResult.NotPossible("the probe did not end within " + timeout.plus(GRACE));
    } catch (ExecutionException e) {
      return new ProbeResult.NotPossible(String.valueOf(e.getCause()));
    }
  }

  private List<Cell> await(List<Begun> probes, Expecting expecting) {
    List<Cell> cells = new ArrayList<>(probes.size());
    probes.forEach(probe -> cells.add(await(probe, expecting)));
    return cells;
  }

  private Cell await(Begun probe, Expecting expecting) {
    ProbeTarget target = probe.target();
    try {
      return probe.cell().get();
    } catch (ExecutionException e) {
      return skipped(target, String.valueOf(e.getCause()), expecting.apply(target));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      probe.cell().cancel(true);
      return skipped(target, "the service is stopping", expecting.apply(target));
    }
  }

  private Cell skipped(ProbeTarget target, String why, Expectation expected) {
    return Cell.of(target, new ProbeResult.NotPossible(why), clock.instant(), expected);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** Ends the probes in pods that are gone. */
  void clients(MeshSnapshot snapshot) {
    journal.endWhereGone(
        pod -> {
          NamespaceFacts facts = snapshot.namespace(pod.namespace());
          return facts != null && facts.pods().stream().anyMatch(p -> p.uid().equals(pod.uid()));
        },
        clock.instant());
  }

  /** Returns a probe plan for the current mesh. */
  ProbePlan plan(
      MeshSnapshot snapshot,
      Reachability reachability,
      Predicate<Pod> clients,
      Predicate<Pod> agents) {
    Set<String> withAgent = new HashSet<>();
    for (NamespaceFacts ns : snapshot.namespaces().values()) {
      if (ns.pods().stream().anyMatch(agents)) {
        withAgent.add(ns.name());
      }
    }
    // Without an agent, a client without curl stays in the plan, and its cells say so.
    return new ProbePlan(
        snapshot,
        reachability,
        pod ->
            isClient(pod, clients)
                && !(prober.lacksProgram(pod) && withAgent.contains(pod.namespace())),
        prober::lacksProgram);
  }

  /** Returns whether probes can be made from a pod, as far as is known. */
  boolean hasProgram(Pod pod, Predicate<Pod> clients) {
    return isClient(pod, clients) && !prober.lacksProgram(pod);
  }

  private boolean isClient(Pod pod, Predicate<Pod> clients) {
    return clients.test(pod) && prober.canProbeFrom(pod);
  }
}
