// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.kubernetes.forward.PodPage;
import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * The plaintext connections that ztunnels hold open, for servers that were asked about. ztunnel
 * writes its line when a connection has ended, and counts without a port: only its own list shows
 * the targets of open connections. The target of a connection not in the list stays unknown.
 */
final class OpenConnections {

  private static final Logger LOG = Logger.getLogger(OpenConnections.class);

  /** The age up to which ztunnels' answers count as current. */
  static final Duration FRESH = Duration.ofMinutes(1);

  /** The inverse of the maximum share of time spent on reading. */
  private static final int SHARE = 10;

  /** The maximum number of connections that end during a reading; beyond it nothing is told. */
  private static final int MOST_ENDED = 50_000;

  private static final int AT_ONCE = 8;

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** The limit of a dump, which has all workloads that its ztunnel knows, of some 1 kB each. */
  private static final long MAX_BYTES = 256L << 20;

  private final LogSource source;
  private final PodPage page;
  private final Clock clock;

  private final Asked asked = new Asked();

  /** The open connections of each ztunnel, by its pod's UID, and since when each is known. */
  private final Map<String, Map<ZtunnelDump.Held, Instant>> known = new HashMap<>();

  /** The ztunnels that did not answer, which is logged once. */
  private final Set<String> silent = new HashSet<>();

  /**
   * The connections of the answers, or of those in progress, whose lines were read recently: they
   * count by their lines, and must not count twice.
   */
  private final Map<ZtunnelDump.Held, Instant> ended = new ConcurrentHashMap<>();

  /** The time when the last reading ended, and for how long there is no other. */
  private Instant read = Instant.MIN;

  private Duration pause = Duration.ZERO;

  private volatile boolean asking;

  private volatile Told told = new Told(Map.of(), Set.of(), Instant.MIN, Instant.MIN);

  /**
   * The open connections by server.
   *
   * @param held all of them
   * @param from when ztunnels were asked
   * @param until when it is too old to count
   */
  private record Told(
      Map<WorkloadRef, List<Open>> open, Set<ZtunnelDump.Held> held, Instant from, Instant until) {

    /** The clock may have been set back since: nobody knows how old it is then. */
    boolean counts(Instant now) {
      return !now.isAfter(until) && !now.plus(FRESH).isBefore(from);
    }
  }

  /**
   * An open connection.
   *
   * @param since when it was seen first
   * @param until when it was seen last
   */
  private record Open(
      ZtunnelDump.Held held, Caller client, int port, Instant since, Instant until) {}

  private record Client(Caller caller, int port) {}

  /** A ztunnel's answer, with the times of its begin and end. */
  private record Dump(
      WatchedServers.Proxy ztunnel,
      Map<String, Set<ZtunnelDump.Held>> held,
      Instant begun,
      Instant ended) {}

  OpenConnections(LogSource source, PodPort way, Clock clock) {
    this.source = source;
    this.page = new PodPage(way, clock, ZtunnelDump.PORT, MAX_BYTES);
    this.clock = clock;
  }

  /**
   * Returns the clients whose plaintext connections have been open since a time, and still are.
   * From memory.
   *
   * @return with {@code count} connections each, last seen when ztunnel answered
   */
  List<SeenCaller> of(WorkloadRef server, Instant since) {
    Instant now = clock.instant();
    asked.about(server, now);
    Told last = told;
    if (!last.counts(now)) {
      return List.of();
    }
    Map<Client, SeenCaller> clients = new LinkedHashMap<>();
    for (Open one : last.open().getOrDefault(server, List.of())) {
      if (!one.since().isAfter(since) && !ended.containsKey(one.held())) {
        clients.merge(
            new Client(one.client(), one.port()),
            new SeenCaller(one.client(), one.port(), false, false, 1, one.since(), one.until()),
            SeenCaller::and);
      }
    }
    return List.copyOf(clients.values());
  }

  /** Records that a line reports the end of a connection; an unreported one is ignored. */
  void ended(Address client, Address server) {
    ZtunnelDump.Held connection = new ZtunnelDump.Held(client, server);
    if ((asking && ended.size() <= MOST_ENDED) || told.held().contains(connection)) {
      ended.put(connection, clock.instant());
    }
  }

  /**
   * Queries the ztunnels in front of the servers, unless they were queried just now. Nothing is
   * reported for a server with a pod whose ztunnel did not answer: its open connections would be
   * attributed to those of another pod. Blocks; called by one thread at a time.
   */
  void read() {
    Instant now = clock.instant();
    if (!now.isBefore(read) && now.isBefore(read.plus(pause))) {
      return;
    }
    MeshSnapshot snapshot = source.inventory().snapshot();
    WatchedServers watch = asked.watch(snapshot, source.ztunnels(), now);
    List<WatchedServers.Proxy> ztunnels =
        watch.proxies().values().stream()
            .filter(proxy -> proxy.format() instanceof ZtunnelFormat)
            .toList();
    known.keySet().retainAll(watch.proxies().keySet());
    silent.retainAll(watch.proxies().keySet());
    Addresses addresses = new Addresses(snapshot, source.history(), true, source.nodes()::read);
    asking = true;
    Map<WorkloadRef, List<Open>> found = new HashMap<>();
    Set<WorkloadRef> untold = new HashSet<>();
    Set<String> heard = new HashSet<>();
    for (Dump dump : dumps(ztunnels)) {
      heard.add(dump.ztunnel().pod().uid());
      take(dump, addresses, found, untold);
    }
    watch.byNamespace().values().stream()
        .flatMap(List::stream)
        .filter(server -> server.proxy() == null || !heard.contains(server.proxy()))
        .forEach(server -> untold.add(server.pod().workload()));
    found.keySet().removeAll(untold);
    if (ended.size() > MOST_ENDED) {
      found.clear();
    }
    read = clock.instant();
    Duration took = took(now, ztunnels.size());
    pause = took.multipliedBy(SHARE - 1);
    Set<ZtunnelDump.Held> held = new HashSet<>();
    known.values().forEach(since -> held.addAll(since.keySet()));
    told = new Told(found, held, now, now.plus(took).plus(FRESH).plus(pause));
    asking = false;
    ended.values().removeIf(at -> at.isBefore(now.minus(FRESH)));
  }

  /**
   * Returns how long a reading took; in a process that stood still, or was set ahead, no longer.
   */
  private Duration took(Instant begin, int ztunnels) {
    Duration took = Duration.between(begin, read);
    Duration most = patience(ztunnels).multipliedBy(2);
    return took.isNegative() ? Duration.ZERO : took.compareTo(most) > 0 ? most : took;
  }

  private static Duration patience(int ztunnels) {
    return TIMEOUT.multipliedBy(1 + ztunnels / AT_ONCE);
  }

  /**
   * Adds the connections of a dump. Each was open from the end of the first dump that showed it to
   * the begin of this one.
   */
  private void take(
      Dump dump, Addresses addresses, Map<WorkloadRef, List<Open>> found, Set<WorkloadRef> untold) {
    String uid = dump.ztunnel().pod().uid();
    Map<ZtunnelDump.Held, Instant> before = known.getOrDefault(uid, Map.of());
    Map<ZtunnelDump.Held, Instant> since = new HashMap<>();
    dump.held()
        .forEach(
            (ip, there) -> {
              Pod server = dump.ztunnel().servers().get(ip);
              if (server == null) {
                return;
              }
              if (there.size() > ZtunnelDump.MOST) {
                untold.add(server.workload());
                return;
              }
              for (ZtunnelDump.Held held : there) {
                Instant first = before.getOrDefault(held, dump.ended());
                since.put(held, first);
                found
                    .computeIfAbsent(server.workload(), s -> new ArrayList<>())
                    .add(
                        new Open(
                            held,
                            addresses.caller(held.client().ip(), dump.begun()),
                            held.server().port(),
                            first,
                            dump.begun()));
              }
            });
    known.put(uid, since);
  }

  /** Queries the ztunnels. A failing one is left out, and its known connections are dropped. */
  private List<Dump> dumps(List<WatchedServers.Proxy> ztunnels) {
    List<Callable<Dump>> calls = new ArrayList<>();
    ztunnels.forEach(ztunnel -> calls.add(() -> dump(ztunnel)));
    List<Dump> dumps = new ArrayList<>();
    try (ExecutorService readers =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().name("ztunnel-", 0).factory())) {
      long patience = patience(calls.size()).toMillis();
      List<Future<Dump>> answers = readers.invokeAll(calls, patience, TimeUnit.MILLISECONDS);
      for (int i = 0; i < answers.size(); i++) {
        try {
          dumps.add(answers.get(i).get());
        } catch (CancellationException | ExecutionException e) {
          failed(ztunnels.get(i).pod(), e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return dumps;
  }

  private Dump dump(WatchedServers.Proxy ztunnel) throws Exception {
    Map<String, Set<ZtunnelDump.Held>> held = new HashMap<>();
    Instant begun = clock.instant();
    ObjectRef pod = ztunnel.pod().ref();
    page.read(
        pod,
        ZtunnelDump.PATH,
        json -> held.putAll(ZtunnelDump.read(json, ztunnel.servers()::containsKey)));
    return new Dump(ztunnel, held, begun, clock.instant());
  }

  private void failed(Pod ztunnel, Exception failure) {
    known.remove(ztunnel.uid());
    if (silent.add(ztunnel.uid())) {
      LOG.warnf(
          "ztunnel does not say where open connections go to, so they hold the gate plaintext"
              + " though their port is excepted pod=%s cause=%s",
          ztunnel.ref(), failure instanceof ExecutionException e ? e.getCause() : failure);
    }
  }
}
