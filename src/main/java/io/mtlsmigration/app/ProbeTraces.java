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
 * Knows which connections were the service's own probes, by what only it can know: a probe of a
 * client without a proxy is given a port that no other probe of that pod has, and keeps it until it
 * is known to have ended, however late that is.
 *
 * <p>Two must not succeed. A probe that a slow node begins late must not pass for a client that
 * STRICT refuses: so a probe is not declared ended by a clock, and its port answers for it. A
 * client in the same pod that takes a source port in the range of probes must not hide: so a port
 * answers for one connection only, to the server that its probe was for; a second one is not ours.
 * What matches no probe, but comes from where probes come from, is {@link Claim#UNLIKELY} ours, and
 * counts as soon as there is more of it. Not thread-safe.
 */
final class ProbeTraces {

  /** Between this machine's clock and those of proxies, which write the logs. */
  private static final Duration SKEW = Duration.ofSeconds(2);

  /**
   * After its own first probe: so long one may come of the leader before, which does not know yet
   * that it leads no more. What comes later of it, from a node that stood still, is unlikely.
   */
  private static final Duration HANDOVER = Duration.ofSeconds(30);

  /** Of one address. */
  private static final int MOST_TRACED = 20_000;

  /** Of one pod, that have not ended in time since one of it did; then it is tried seldom. */
  private static final int MOST_UNENDED = 16;

  /** The same for one that ends some and others not, {@link #RECENT}: each holds a place. */
  private static final int MOST_OVERDUE = 64;

  private static final Duration RECENT = Duration.ofMinutes(10);

  /** How long such a pod is left alone. */
  private static final Duration PAUSE = Duration.ofMinutes(1);

  private static final int PORTS = OwnProbes.LAST_PORT - OwnProbes.FIRST_PORT + 1;

  private final Map<String, Client> clients = new HashMap<>();

  /** First addresses of pods by their others, for those that have others. */
  private final Map<String, String> aliases = new HashMap<>();

  private @Nullable Instant first;

  /** A probe, from its begin on. */
  static final class Trace {
    private final Instant from;
    private final Pod client;
    private final int port;
    private final Set<WorkloadRef> servers;

    /** Null until it is known. */
    private @Nullable Instant to;

    /** When its time was over, and nobody knew whether it had ended. */
    private @Nullable Instant overdue;

    /** When the connection was made that its port has answered for. */
    private @Nullable Instant line;

    private Trace(Instant from, Pod client, int port, Set<WorkloadRef> servers) {
      this.from = from;
      this.client = client;
      this.port = port;
      this.servers = servers;
    }

    /** That the client's connection comes from; 0 for a client whose proxy chooses. */
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

  /** All of one pod. */
  private static final class Client {
    private final Deque<Trace> traces = new ArrayDeque<>();
    private int next;

    /** When the latest one began that is known to have ended: its node runs programs. */
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

    /** The port whose last use is longest ago; 0 when each waits for its probe to end. */
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

  /**
   * A probe that begins now.
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

  /** It is known that its program runs no more, and will not begin any more. */
  void end(Trace trace, Instant at) {
    trace.to = trace.to == null ? at : trace.to;
    Client client = clients.get(trace.client.ip());
    if (client != null && trace.from.isAfter(client.ended)) {
      client.ended = trace.from;
    }
  }

  /** Its time is over; when nobody has said so, it has not ended. */
  void overdue(Trace trace, Instant at) {
    trace.overdue = trace.open() ? at : null;
  }

  /**
   * It could not be made. Once that is certain any port of a proxy would be taken for its own; one
   * that broke off may have reached the server.
   */
  void dropIfEnded(Trace trace) {
    Client client = clients.get(trace.client.ip());
    if (client != null && trace.proxied() && !trace.open()) {
      client.traces.remove(trace);
    }
  }

  /** Ends what was begun in pods that are gone. */
  void endWhereGone(Predicate<Pod> there, Instant at) {
    for (Client client : clients.values()) {
      for (Trace trace : client.traces) {
        if (trace.open() && !there.test(trace.client)) {
          end(trace, at);
        }
      }
    }
  }

  /** Forgets what has ended before. */
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
      // The port is that of a probe, and some clock is wrong: it answers for this one, too.
      outside.line = at;
      return Claim.PERHAPS;
    }
    if (reserved && handover(at)) {
      return Claim.PERHAPS;
    }
    boolean unlikely = outside != null || (reserved && client != null);
    return unlikely ? Claim.UNLIKELY : Claim.NOT_OURS;
  }

  /** Whether another leader may have made probes then. */
  private boolean handover(Instant at) {
    return first == null || at.isBefore(first.plus(HANDOVER));
  }

  /** True for what another leader may have sent, or this one has. */
  boolean madeFrom(String address, int port, WorkloadRef server, Instant at) {
    boolean reserved = port >= OwnProbes.FIRST_PORT && port <= OwnProbes.LAST_PORT;
    return claim(address, port, server, at) == Claim.OURS || (reserved && handover(at));
  }
}
