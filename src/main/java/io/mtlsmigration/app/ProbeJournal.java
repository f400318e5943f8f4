package io.mtlsmigration.app;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which probes were made, so that evidence can leave them out: those in plaintext that
 * were answered, to the second, and for a shorter time every one with the address that it came
 * from. In memory: what another leader probed is not known here. What was answered counts as
 * somebody's calls; a refusal is known by the port that it came from.
 */
final class ProbeJournal implements OwnProbes {

  /** The longest window that evidence is usually asked for, and some. */
  private static final Duration COUNTED = Duration.ofHours(26);

  /** Four bytes each. Beyond, the oldest of all are forgotten, and count as somebody's calls. */
  private static final int MOST_COUNTED = 4_000_000;

  private record Pair(WorkloadRef client, boolean identified, WorkloadRef server) {}

  /** Ten seconds each: a sum over the whole mesh for as long as single pairs are known. */
  private static final int SLOT_SECONDS = 10;

  /** Probes that servers with proxies answered, in one slot. */
  private static final class Answers {
    private long mutualTls;
    private long plaintext;
  }

  private final Map<Pair, Seconds> answered = new HashMap<>();
  private final ProbeTraces traces = new ProbeTraces();
  private final NavigableMap<Long, Answers> answeredByAll = new TreeMap<>();
  private int counted;

  /**
   * Notes a probe that begins now; {@link #ended} follows when its end is known, and {@link #made}
   * when there is a result, or no time left for one.
   *
   * @return empty when it must not be made: too many of that pod have not ended
   */
  synchronized Optional<ProbeTraces.Trace> begun(ProbeTarget target, Instant at) {
    return traces.begin(target, at);
  }

  /** Notes that a probe runs no more, and will not begin any more. */
  synchronized void ended(ProbeTraces.Trace trace, Instant at) {
    traces.end(trace, at);
  }

  /** Ends the probes that were begun in pods that are gone. */
  synchronized void endWhereGone(Predicate<Pod> there, Instant at) {
    traces.endWhereGone(there, at);
  }

  /** Notes what became of a probe, with its cell. */
  synchronized void made(
      ProbeTraces.Trace trace, ProbeTarget target, ProbeResult result, Cell cell, Instant endedAt) {
    int calls = answeredCalls(result, cell.meshClient());
    if (calls > 0 && countsAsPlaintext(cell.clientTls())) {
      count(target, calls, endedAt);
    }
    countInAll(target, calls, cell.clientTls(), endedAt);
    traces.overdue(trace, endedAt);
    boolean neverMade =
        result instanceof ProbeResult.NeverMade || result instanceof ProbeResult.NotPossible;
    if (neverMade) {
      traces.dropIfEnded(trace);
    }
  }

  /** Servers' proxies call everything plaintext that is not Istio's mutual TLS. */
  private static boolean countsAsPlaintext(@Nullable ClientTls sent) {
    return sent == ClientTls.PLAINTEXT || sent == ClientTls.TLS;
  }

  private static int answeredCalls(ProbeResult result, boolean meshClient) {
    return switch (result) {
      case ProbeResult.Completed one -> ProbeOutcome.of(one, meshClient) == ProbeOutcome.OK ? 1 : 0;
      case ProbeResult.Several several -> several.calls().size() - (int) several.failed(meshClient);
      case ProbeResult.NotPossible not -> 0;
      case ProbeResult.NeverMade never -> 0;
    };
  }

  /** Where a proxy chose among servers, each is taken to have had its share, rounded down. */
  private void count(ProbeTarget target, int calls, Instant at) {
    Map<WorkloadRef, Integer> shares = new HashMap<>();
    for (Backend backend : target.backends()) {
      if (backend.pod() != null) {
        shares.merge(backend.pod().workload(), 1, Integer::sum);
      }
    }
    Pod client = target.client();
    boolean identified = client.dataPlane() != DataPlane.NONE;
    shares.forEach(
        (server, endpoints) -> {
          int share = calls * endpoints / target.backends().size();
          Seconds seconds =
              answered.computeIfAbsent(
                  new Pair(client.workload(), identified, server), p -> new Seconds());
          for (int i = 0; i < share; i++) {
            seconds.add(at);
          }
          counted += share;
        });
    Duration kept = COUNTED;
    while (counted > MOST_COUNTED && !kept.isZero()) {
      kept = kept.dividedBy(2);
      forgetBefore(at.minus(kept));
    }
  }

  /** Servers without a proxy count nothing. */
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

  /** Forgets what nobody asks for any more. */
  synchronized void prune(Instant now) {
    forgetBefore(now.minus(COUNTED));
    traces.forgetBefore(now.minus(TRACED));
  }

  private void forgetBefore(Instant oldest) {
    counted = 0;
    for (Seconds seconds : answered.values()) {
      seconds.forgetBefore(oldest);
      counted += seconds.size();
    }
    answered.values().removeIf(seconds -> seconds.size() == 0);
    answeredByAll.headMap(Math.floorDiv(oldest.getEpochSecond(), SLOT_SECONDS)).clear();
  }

  @Override
  public synchronized long answered(
      @Nullable WorkloadRef client, WorkloadRef server, Instant from, Instant to) {
    long count = 0;
    for (Map.Entry<Pair, Seconds> entry : answered.entrySet()) {
      Pair pair = entry.getKey();
      boolean meant = client == null ? !pair.identified() : Objects.equals(client, pair.client());
      if (meant && pair.server().equals(server)) {
        count += entry.getValue().within(from, to);
      }
    }
    return count;
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
    return traces.madeFrom(address, port, server, at);
  }

  @Override
  public synchronized Claim claim(String address, int port, WorkloadRef server, Instant at) {
    return traces.claim(address, port, server, at);
  }

  /** Instants to the second, oldest first, as compact as they come. */
  private static final class Seconds {
    private int[] seconds = new int[16];
    private int size;

    void add(Instant at) {
      int second = (int) at.getEpochSecond();
      if (size == seconds.length) {
        seconds = Arrays.copyOf(seconds, size + size / 2);
      }
      int place = size;
      // Probes end out of order, but not by much.
      while (place > 0 && Integer.compareUnsigned(seconds[place - 1], second) > 0) {
        seconds[place] = seconds[place - 1];
        place--;
      }
      seconds[place] = second;
      size++;
    }

    int size() {
      return size;
    }

    int within(Instant from, Instant to) {
      return firstFrom(to.getEpochSecond() + 1) - firstFrom(from.getEpochSecond());
    }

    void forgetBefore(Instant oldest) {
      int gone = firstFrom(oldest.getEpochSecond());
      size -= gone;
      seconds = Arrays.copyOfRange(seconds, gone, gone + Math.max(size, 16));
    }

    /** Index of the first that is not before this second. */
    private int firstFrom(long second) {
      int low = 0;
      int high = size;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (Integer.toUnsignedLong(seconds[middle]) < second) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }
}
