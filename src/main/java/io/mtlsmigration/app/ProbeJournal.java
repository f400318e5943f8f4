// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Records the probes made, so that evidence can leave them out: the number answered in the whole
 * mesh, and for a shorter time each probe with its source address and port. In memory: probes of
 * another leader are not known here.
 */
final class ProbeJournal implements OwnProbes {

  /** The time for which counts are kept: the longest usual window of evidence, and some more. */
  private static final Duration COUNTED = Duration.ofHours(26);

  /** The length of a slot of counts. */
  private static final int SLOT_SECONDS = 10;

  /** The probes that servers with proxies answered in one slot. */
  private static final class Answers {
    private long mutualTls;
    private long plaintext;
  }

  private LongSupplier terms = () -> 0;
  private long lastTerm;

  private final ProbeTraces traces = new ProbeTraces();
  private final NavigableMap<Long, Answers> answeredByAll = new TreeMap<>();

  /**
   * Tells it when another leader may have made probes.
   *
   * @param next the number of the term in which this process leads, or last led
   */
  synchronized void terms(LongSupplier next) {
    terms = next;
    lastTerm = next.getAsLong();
  }

  /** Returns the traces, which do not have those of a leader between two terms. */
  private ProbeTraces traces() {
    long term = terms.getAsLong();
    if (term != lastTerm) {
      lastTerm = term;
      traces.usurped();
    }
    return traces;
  }

  /**
   * Records a probe that begins now; {@link #ended} follows when its end is known, and {@link
   * #made} when there is a result, or no time left for one.
   *
   * @return empty when it must not be made: too many of that pod have not ended
   */
  synchronized Optional<ProbeTraces.Trace> begun(ProbeTarget target, Instant at) {
    return traces().begin(target, at);
  }

  /** Records that a probe has ended, and will not start any more. */
  synchronized void ended(ProbeTraces.Trace trace, Instant at) {
    traces.end(trace, at);
  }

  /** Ends the probes that were begun in pods that are gone. */
  synchronized void endWhereGone(Predicate<Pod> there, Instant at) {
    traces.endWhereGone(there, at);
  }

  /** Records the result of a probe, with its cell. */
  synchronized void made(
      ProbeTraces.Trace trace, ProbeTarget target, ProbeResult result, Cell cell, Instant endedAt) {
    int calls = answeredCalls(result, cell.meshClient());
    countInAll(target, calls, cell.clientTls(), endedAt);
    traces.overdue(trace, endedAt);
    boolean neverMade =
        result instanceof ProbeResult.NeverMade || result instanceof ProbeResult.NotPossible;
    if (neverMade) {
      traces.dropIfEnded(trace);
    }
  }

  /** Returns whether servers' proxies count it as plaintext: all but Istio's mutual TLS. */
  private static boolean countsAsPlaintext(@Nullable ClientTls sent) {
    return sent == ClientTls.PLAINTEXT || sent == ClientTls.TLS;
  }

  private static int answeredCalls(ProbeResult result, boolean meshClient) {
    return switch (result) {
      case ProbeResult.Completed one -> one.outcome(meshClient) == ProbeOutcome.OK ? 1 : 0;
      case ProbeResult.Several several -> several.calls().size() - (int) several.failed(meshClient);
      case ProbeResult.NotPossible not -> 0;
      case ProbeResult.NeverMade never -> 0;
    };
  }

  /** Counts answered calls; servers without a proxy are excluded, since they count nothing. */
  private void countInAll(
      ProbeTarget target, int calls, @Nullable ClientTls sent, Instant endedAt) {
    long captured =
        target.backends().stream()
            .filter(backend -> backend.pod() != null && backend.pod().dataPlane().captured())
            .count();
    if (calls == 0 || sent == null || captured == 0) {
      return;
    }
    Answers answers =
        answeredByAll.computeIfAbsent(
            Math.floorDiv(endedAt.getEpochSecond(), SLOT_SECONDS), slot -> new Answers());
    long share = calls * captured / target.backends().size();
    if (countsAsPlaintext(sent)) {
      answers.plaintext += share;
    } else {
      answers.mutualTls += share;
    }
  }

  /** Drops entries too old to be needed. */
  synchronized void prune(Instant now) {
    Instant oldest = now.minus(COUNTED);
    answeredByAll.headMap(Math.floorDiv(oldest.getEpochSecond(), SLOT_SECONDS)).clear();
    traces.forgetBefore(now.minus(TRACED));
  }

  @Override
  public synchronized SecuredCalls answeredByAll(Instant from, Instant to) {
    long mutualTls = 0;
    long plaintext = 0;
    long first = Math.ceilDiv(from.getEpochSecond(), SLOT_SECONDS);
    long end = Math.ceilDiv(to.getEpochSecond(), SLOT_SECONDS);
    for (Answers answers : answeredByAll.subMap(first, Math.max(first, end)).values()) {
      mutualTls += answers.mutualTls;
      plaintext += answers.plaintext;
    }
    return new SecuredCalls(mutualTls, plaintext, 0);
  }

  @Override
  public synchronized boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
    return traces().madeFrom(address, port, server, at);
  }

  @Override
  public synchronized Claim claim(String address, int port, WorkloadRef server, Instant at) {
    return traces().claim(address, port, server, at);
  }
}
