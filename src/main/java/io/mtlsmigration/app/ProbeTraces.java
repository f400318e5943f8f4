// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.OwnProbes.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the service's own probes among connections, by what only the service can know: a probe
 * of a client without a proxy gets a port that no other probe of that pod has, and keeps it until
 * it is known to have ended, however late that is.
 *
 * <p>Two attacks must fail. A probe that a slow node starts late must not pass for a client that
 * STRICT refuses: so a probe is never declared ended by a clock, and its port identifies it. A
 * client in the same pod that uses a source port in the range of probes must not hide: so a port
 * identifies one connection only, to the server that its probe was for; a second one is not ours. A
 * connection that matches no probe, but comes from an address and port of probes, is {@link
 * Claim#UNLIKELY} ours, and counts as soon as there are more. Not thread-safe.
 */
final class ProbeTraces {

  /** The tolerance between this machine's clock and those of proxies, which write the logs. */
  private static final Duration SKEW = Duration.ofSeconds(2);

  /**
   * How long after this leader's first probe of its term one of the previous leader may arrive,
   * which does not know yet that it leads no more. A later one, from a node that hung, is unlikely.
   */
  private static final Duration HANDOVER = Duration.ofSeconds(30);

  /** The maximum number of traces of one address. */
  private static final int MOST_TRACED = 20_000;

  /**
   * The number of overdue probes of one pod, since its last one that ended, beyond which the pod is
   * probed seldom.
   */
  private static final int MOST_UNENDED = 16;

  /**
   * The same number within {@link #RECENT}, for a pod that ends some probes and others not: each
   * holds a slot.
   */
  private static final int MOST_OVERDUE = 64;

  private static final Duration RECENT = Duration.ofMinutes(10);

  /** The pause between probes of such a pod. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private static final int PORTS = OwnProbes.LAST_PORT - OwnProbes.FIRST_PORT + 1;

  private final Map<String, Client> clients = new HashMap<>();

  /** First addresses of pods by their others, for pods with several. */
  private final Map<String, String> aliases = new HashMap<>();

  /** The time when it made the first probe of its term. */
  private @Nullable Instant first;

  /** A probe, from its begin on. */
  static final class Trace {
    private final Instant from;
    private final Pod client;
    private final int port;
    private final Set<WorkloadRef> servers;

    /** The end; null until it is known. */
    private @Nullable Instant to;

    /** The time at which the probe should have ended but was not known to have; null otherwise. */
    private @Nullable Instant overdue;

    /** The time of the connection that its port has identified. */
    private @Nullable Instant line;

    private Trace(Instant from, Pod client, int port, Set<WorkloadRef> servers) {
      this.from = from;
      this.client = client;
      this.port = port;
      this.servers = servers;
    }

    /** Returns the client's source port; 0 for a client whose proxy chooses it. */
    int port() {
      return port;
    }

    private boolean proxied() {
      return port == 0;
    }

    private boolean open() {
      return to == null;
    }

    private boolean within(Instant at) {
      Instant end = to == null && proxied() ? overdue : to;
      return !at.isBefore(from.minus(SKEW)) && (end == null || !at.isAfter(end.plus(SKEW)));
    }

    private boolean fits(int of, WorkloadRef server, Instant at) {
      return servers.contains(server)
          && (proxied() || (port == of && (line == null || line.equals(at))));
    }
  }

  /** The traces of one pod. */
  private static final class Client {
    private final Deque<Trace> traces = new ArrayDeque<>();
    private int next;

    /** The begin of the latest ended probe: since then the node runs programs. */
    private Instant ended = Instant.EPOCH;

    private boolean endsTooFew(Instant at) {
      Instant recent = at.minus(RECENT);
      int since = 0;
      int lately = 0;
      for (Trace trace : traces) {
        if (trace.open() && trace.overdue != null) {
          since += trace.from.isAfter(ended) ? 1 : 0;
          lately += trace.overdue.isAfter(recent) ? 1 : 0;
        }
      }
      return since >= MOST_UNENDED || lately >= MOST_OVERDUE;
    }

    /** Returns the least recently used free port; 0 when unended probes hold all ports. */
    private int free() {
      BitSet taken = new BitSet(PORTS);
      for (Trace trace : traces) {
        if (trace.open() && !trace.proxied()) {
          taken.set(trace.port - OwnProbes.FIRST_PORT);
        }
      }
      for (int i = 0; i < PORTS; i++) {
        int candidate = (next + i) % PORTS;
        if (!taken.get(candidate)) {
          next = candidate + 1;
          return OwnProbes.FIRST_PORT + candidate;
        }
      }
      return 0;
    }
  }

  /** Another leader may have made probes until now. */
  void usurped() {
    first = null;
  }

  /**
   * Records a probe that begins now.
   *
   * @return empty when it must not be made: too many of that pod have not ended
   */
  Optional<Trace> begin(ProbeTarget target, Instant at) {
    first = first == null ? at : first;
    Pod pod = target.client();
    pod.otherIps().forEach(other -> aliases.put(other, pod.ip()));
    Client client = clients.computeIfAbsent(pod.ip(), ip -> new Client());
    if (client.endsTooFew(at) && triedSince(client, at.minus(PAUSE))) {
      return Optional.empty();
    }
    int port = pod.dataPlane() == DataPlane.NONE ? client.free() : 0;
    if (port == 0 && pod.dataPlane() == DataPlane.NONE) {
      return Optional.empty();
    }
    Trace trace = new Trace(at, pod, port, servers(target));
    client.traces.addLast(trace);
    if (client.traces.size() > MOST_TRACED) {
      client.traces.removeFirst();
    }
    return Optional.of(trace);
  }

  private static boolean triedSince(Client client, Instant time) {
    return client.traces.getLast().from.isAfter(time);
  }

  private static Set<WorkloadRef> servers(ProbeTarget target) {
    Set<WorkloadRef> servers = new HashSet<>();
    for (Backend backend : target.backends()) {
      if (backend.pod() != null) {
        servers.add(backend.pod().workload());
      }
    }
    return servers;
  }

  /** Records that the probe's program has ended, and will not start any more. */
  void end(Trace trace, Instant at) {
    trace.to = trace.to == null ? at : trace.to;
    Client client = clients.get(trace.client.ip());
    if (client != null && trace.from.isAfter(client.ended)) {
      client.ended = trace.from;
    }
  }

  /** Records that the probe's time is over; unless its end is known, it has not ended. */
  void overdue(Trace trace, Instant at) {
    trace.overdue = trace.open() ? at : null;
  }

  /**
   * Removes a probe that could not be made, once that is certain: otherwise any port of a proxy
   * would be taken for its own. One that broke off may have reached the server, and is kept.
   */
  void dropIfEnded(Trace trace) {
    Client client = clients.get(trace.client.ip());
    if (client != null && trace.proxied() && !trace.open()) {
      client.traces.remove(trace);
    }
  }

  /** Ends the probes that were begun in pods that are gone. */
  void endWhereGone(Predicate<Pod> there, Instant at) {
    for (Client client : clients.values()) {
      for (Trace trace : client.traces) {
        if (trace.open() && !there.test(trace.client)) {
          end(trace, at);
        }
      }
    }
  }

  /** Removes probes that ended before a time. */
  void forgetBefore(Instant time) {
    for (Client client : clients.values()) {
      client.traces.removeIf(trace -> trace.to != null && trace.to.isBefore(time));
    }
    clients.values().removeIf(client -> client.traces.isEmpty());
    aliases.values().retainAll(clients.keySet());
  }

  /** See {@link OwnProbes#claim}. */
  Claim claim(String address, int port, WorkloadRef server, Instant at) {
    boolean reserved = port >= OwnProbes.FIRST_PORT && port <= OwnProbes.LAST_PORT;
    Client client = clients.get(aliases.getOrDefault(address, address));
    Trace outside = null;
    Collection<Trace> traces = client == null ? Set.of() : client.traces;
    for (Trace trace : traces) {
      if (trace.fits(port, server, at)) {
        if (trace.within(at)) {
          trace.line = at;
          return Claim.OURS;
        }
        outside = trace.proxied() && !trace.open() ? outside : trace;
      }
    }
    if (outside != null && !outside.proxied()) {
      // The port is that of a probe, and some clock is wrong: it identifies this connection.
      outside.line = at;
      return Claim.PERHAPS;
    }
    if (reserved && handover(at)) {
      return Claim.PERHAPS;
    }
    boolean unlikely = outside != null || (reserved && client != null);
    return unlikely ? Claim.UNLIKELY : Claim.NOT_OURS;
  }

  /** Returns whether another leader may have made probes at that time. */
  private boolean handover(Instant at) {
    return first == null || at.isBefore(first.plus(HANDOVER));
  }

  /** Returns whether this leader made the connection, or another one may have. */
  boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
    boolean reserved = port >= OwnProbes.FIRST_PORT && port <= OwnProbes.LAST_PORT;
    return claim(address, port, server, at) == Claim.OURS || (reserved && handover(at));
  }
}
