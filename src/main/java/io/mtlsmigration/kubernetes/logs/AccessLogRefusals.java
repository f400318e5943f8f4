// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.LineLoss;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.RefusalRecord;
import io.mtlsmigration.traffic.Refusals;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Refusals in the access logs of servers' proxies, in namespaces where a lock is being made or
 * verified. Needs {@code get} on {@code pods/log}; without it, and while a log cannot be read, the
 * answer says so, and is not one without refusals; what a pod wrote that ended before its log was
 * read to the end is missing from then on. Where a log contains no connection at all ({@code
 * accessLogFile} is empty and no Telemetry sets a provider, or nobody called), refused clients
 * cannot be named, and verification has to use probes and the counts of clients' proxies.
 */
public final class AccessLogRefusals implements RefusalRecord {

  /**
   * The maximum number per namespace; a flood of a server must not fill our memory. All who were
   * refused share it alike: one who may be refused must not push out one who may not. What exceeds
   * a share is counted.
   */
  private static final int KEPT = 1_000;

  /** The highest count of one entry; the sum of all that are kept is still an int. */
  private static final int COUNTED = 1_000_000;

  /**
   * How long a client is looked up again that is unknown, or that was named by a view older than
   * its call: a pod, or its end, may be known later. Views count for a minute.
   */
  private static final Duration UNNAMED = Duration.ofSeconds(90);

  /**
   * How long a line may be on its way from a proxy to its kubelet, which may stand still. A clock
   * that is behind by more is noticed.
   */
  private static final Duration ON_ITS_WAY = Duration.ofSeconds(30);

  /** Takes refusals, and reports entries that may be of one. */
  private static final ProxyLog.Taker<RefusalLine> REFUSED =
      new ProxyLog.Taker<>() {
        @Override
        public Optional<RefusalLine> take(LineFormat format, Instant at, String entry) {
          return format.refusal(at, entry);
        }

        @Override
        public Optional<LineLoss> missed(LineFormat format, String entry) {
          return format.doubtOfRefusal(entry);
        }
      };

  private final LogSource source;
  private final Supplier<Set<String>> focus;
  private final OwnProbes probes;
  private final Clock clock;
  private final Duration lookBack;

  /** By the UID of the proxy's pod. */
  private final Map<String, Followed> logs = new HashMap<>();

  private final LogGaps gaps;

  /** Servers out of whose logs calls are kept, or have been since they were last read. */
  private Set<WorkloadRef> filtered = Set.of();

  /** True when sidecars of which no Telemetry says anything have logged while this was known. */
  private boolean logged;

  private @Nullable MeshSnapshot observed;

  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, Deque<Told>> refusals = new ConcurrentHashMap<>();

  /** A log that is read on, and the servers that it may tell of. */
  private static final class Followed {
    final ProxyLog<RefusalLine> log;

    /** As last seen; its servers include those that ended since the log was last read. */
    WatchedServers.Proxy proxy;

    /** Up to when lines of a namespace were left unread, since nobody asked about it. */
    private final Map<String, Instant> unread = new HashMap<>();

    Followed(ProxyLog<RefusalLine> log, WatchedServers.Proxy proxy) {
      this.log = log;
      this.proxy = proxy;
    }

    void seen(WatchedServers.Proxy now) {
      Instant read = log.asOf();
      Set<String> namespaces =
          now.servers().values().stream().map(Pod::namespace).collect(Collectors.toSet());
      unread.keySet().retainAll(namespaces);
      namespaces.forEach(name -> unread.putIfAbsent(name, read == null ? Instant.EPOCH : read));
      Map<String, Pod> servers = new HashMap<>(proxy.servers());
      servers.putAll(now.servers());
      proxy = new WatchedServers.Proxy(now.pod(), now.format(), servers);
      log.seen(now.pod());
    }

    /** Returns since when every line about a namespace was read. */
    Instant from(String namespace) {
      Instant asked = unread.getOrDefault(namespace, Instant.EPOCH);
      return asked.isAfter(log.from()) ? asked : log.from();
    }

    LogReaders.Reading<RefusalLine> reading() {
      return new LogReaders.Reading<>(proxy, log);
    }

    /** Returns whether nothing is missing once its servers are gone. */
    boolean complete(Instant now) {
      return now.equals(log.asOf()) || log.neverServed();
    }
  }

  /**
   * A line, with the refusal as known so far.
   *
   * @param named whether no later view can name another client
   */
  private record Told(RefusalLine line, WorkloadRef server, Refusal refusal, boolean named) {

    /** Refusals that share alike; not by port, for a client may call as many as there are. */
    List<Object> who() {
      return List.of(refusal.client().id(), server, refusal.claim());
    }

    Told counted(int count) {
      Refusal one = refusal;
      return new Told(
          line,
          server,
          new Refusal(one.at(), one.client(), server, one.port(), one.claim(), count),
          named);
    }
  }

  /** The state of one namespace's logs. */
  private record Account(
      Instant from, String before, Instant asOf, Set<String> silent, @Nullable UnreadLog failure) {
    Account since(LogGaps.@Nullable Gap gap) {
      return gap == null || gap.until().isBefore(from)
          ? this
          : new Account(gap.until(), gap.why(), asOf, silent, failure);
    }
  }

  /**
   * Creates the record.
   *
   * @param focus namespaces whose logs are worth reading now
   * @param lookBack how far back a log is read when a namespace comes into focus
   */
  public AccessLogRefusals(
      LogSource source,
      Supplier<Set<String>> focus,
      OwnProbes probes,
      Clock clock,
      Duration lookBack) {
    this.source = source;
    this.focus = focus;
    this.probes = probes;
    this.clock = clock;
    this.lookBack = lookBack;
    this.gaps = new LogGaps(source.history(), source.ztunnels());
  }

  @Override
  public Refusals since(String namespace, Instant from) {
    Account account = accounts.get(namespace);
    List<Refusal> seen = seen(namespace, from);
    if (account == null) {
      return unreadable(seen, UnreadLog.NOT_YET);
    }
    if (account.failure() != null) {
      return unreadable(seen, account.failure());
    }
    return account.silent().isEmpty()
        ? new Refusals.Read(seen, account.from(), account.asOf(), account.before())
        : new Refusals.Silent(
            seen, account.from(), account.asOf(), List.copyOf(account.silent()), account.before());
  }

  private static Refusals unreadable(List<Refusal> seen, UnreadLog why) {
    return new Refusals.Unreadable(seen, why.reason(), why.detail());
  }

  private List<Refusal> seen(String namespace, Instant from) {
    Deque<Told> known = refusals.get(namespace);
    if (known == null) {
      return List.of();
    }
    synchronized (known) {
      return known.stream()
          .map(Told::refusal)
          .filter(refusal -> !refusal.at().isBefore(from))
          .toList();
    }
  }

  /** Observes the owners of addresses. Does not block; also of use on replicas that do not lead. */
  public void observe() {
    MeshSnapshot snapshot = source.inventory().snapshot();
    source.history().observe(snapshot, clock.instant());
    if (observed == null || !observed.sharesFacts(snapshot)) {
      observed = snapshot;
      filtered = new HashSet<>(filtered);
      filtered.addAll(leftOut(snapshot));
    }
  }

  /** Returns the lasting servers out of whose logs calls are kept. */
  private Set<WorkloadRef> leftOut(MeshSnapshot snapshot) {
    boolean byDefault = snapshot.settings().accessLogs().byDefault();
    logged |= byDefault;
    ServerTelemetry telemetry = new ServerTelemetry(snapshot);
    return (logged && !byDefault ? snapshot.namespaces().values() : telemetry.namespaces())
        .stream()
            .flatMap(namespace -> namespace.pods().stream())
            .filter(pod -> pod.workload().lasting() && leavesCallsOut(telemetry, pod))
            .map(Pod::workload)
            .collect(Collectors.toSet());
  }

  /** Returns whether a Telemetry keeps calls out, or whoever has switched all logs off. */
  private boolean leavesCallsOut(ServerTelemetry telemetry, Pod pod) {
    return telemetry.leavesCallsOut(pod) != null || (logged && !telemetry.logs(pod));
  }

  /**
   * Reads the lines since the last reading. Blocks; called by one thread at a time. No line is read
   * again: what a reading that dies has read is missing, and said to be.
   */
  public void read() {
    MeshSnapshot snapshot = source.inventory().snapshot();
    Instant now = clock.instant();
    source.history().observe(snapshot, now);
    WatchedServers watch =
        WatchedServers.of(
            snapshot, new WatchedServers.Scope(focus.get(), source.ztunnels()), pod -> true);
    boolean whole = false;
    try {
      readOn(watch, snapshot, now);
      whole = true;
    } finally {
      if (!whole) {
        Instant until = clock.instant();
        watch.byNamespace().keySet().forEach(name -> gaps.untaken(name, until));
      }
    }
  }

  private void readOn(WatchedServers watch, MeshSnapshot snapshot, Instant now) {
    Addresses addresses = new Addresses(snapshot, source.history(), false, source.nodes()::read);
    accounts.keySet().retainAll(watch.byNamespace().keySet());
    refusals.keySet().retainAll(watch.byNamespace().keySet());
    Map<String, List<Told>> found = new HashMap<>();
    for (LogReaders.Found<RefusalLine> lines : lines(watch, snapshot, now)) {
      for (RefusalLine line : lines.lines()) {
        Instant at = dated(line, lines.after());
        Pod called = called(lines.proxy(), line.server().ip(), at);
        // Otherwise the proxy refused it for a server that is not watched.
        if (called != null && watch.byNamespace().containsKey(called.namespace())) {
          WorkloadRef server = called.workload();
          found
              .computeIfAbsent(server.namespace(), n -> new ArrayList<>())
              .add(told(line, at, server, addresses));
        }
      }
    }
    filtered(watch, new ServerTelemetry(snapshot), now);
    refusals.values().forEach(known -> name(known, addresses, now));
    found.forEach((namespace, lines) -> keep(namespace, lines, now));
    // Stored last: a reader that sees the account also sees its refusals.
    watch
        .byNamespace()
        .forEach((ns, servers) -> accounts.put(ns, account(servers, now).since(gaps.of(ns))));
  }

  /** Determines the servers whose logs are not whole; those that are whole again have a gap. */
  private void filtered(WatchedServers watch, ServerTelemetry telemetry, Instant now) {
    Set<WorkloadRef> next = new HashSet<>();
    Set<WorkloadRef> whole = new HashSet<>();
    watch.byNamespace().values().stream()
        .flatMap(List::stream)
        .map(WatchedServers.Server::pod)
        .forEach(pod -> (leavesCallsOut(telemetry, pod) ? next : whole).add(pod.workload()));
    whole.removeAll(next);
    for (WorkloadRef before : filtered) {
      if (whole.contains(before)) {
        gaps.filtered(before.namespace(), now);
      } else if (before.lasting()) {
        next.add(before); // also while nobody asks about it, or it has no pods
      }
    }
    filtered = next;
  }

  private List<LogReaders.Found<RefusalLine>> lines(
      WatchedServers watch, MeshSnapshot snapshot, Instant now) {
    watch
        .proxies()
        .forEach((uid, proxy) -> logs.computeIfAbsent(uid, u -> follow(proxy, now)).seen(proxy));
    gaps.look(watch, snapshot, logs::containsKey);
    List<LogReaders.Reading<RefusalLine>> readings = new ArrayList<>();
    logs.forEach(
        (uid, followed) -> {
          if (watch.proxies().containsKey(uid) || outlives(followed, watch, snapshot)) {
            readings.add(followed.reading());
          }
        });
    List<LogReaders.Found<RefusalLine>> found = LogReaders.read(readings, source.readers(), now);
    logs.entrySet().removeIf(log -> ended(log.getKey(), log.getValue(), watch, snapshot, now));
    return found;
  }

  private Followed follow(WatchedServers.Proxy proxy, Instant now) {
    return new Followed(
        new ProxyLog<>(source.client()::raw, REFUSED, true, proxy.pod(), now.minus(lookBack)),
        proxy);
  }

  /** Returns whether the log of a proxy without servers can still be read to its end. */
  private static boolean outlives(Followed log, WatchedServers watch, MeshSnapshot snapshot) {
    Pod pod = log.proxy.pod();
    NamespaceFacts facts = snapshot.namespace(pod.namespace());
    return facts != null
        && facts.pods().stream().anyMatch(known -> known.uid().equals(pod.uid()))
        && log.proxy.servers().values().stream()
            .anyMatch(server -> watch.byNamespace().containsKey(server.namespace()));
  }

  /** Returns whether a log is done with. What it says after its last reading is missing then. */
  private boolean ended(
      String uid, Followed log, WatchedServers watch, MeshSnapshot snapshot, Instant now) {
    WatchedServers.Proxy proxy = watch.proxies().get(uid);
    boolean complete = log.complete(now);
    if (proxy != null) {
      log.proxy = complete ? proxy : log.proxy;
      return false;
    }
    if (!complete) {
      for (Pod server : log.proxy.servers().values()) {
        String namespace = server.namespace();
        if (watch.byNamespace().containsKey(namespace)
            && LogGaps.serves(server, snapshot.namespace(namespace))) {
          gaps.ended(namespace, log.proxy.pod(), now);
        }
      }
    }
    return true;
  }

  private Account account(List<WatchedServers.Server> servers, Instant now) {
    Instant from = Instant.EPOCH;
    String before = "";
    Instant asOf = now;
    UnreadLog failure = null;
    Set<WorkloadRef> silent = new TreeSet<>();
    Set<WorkloadRef> speaking = new HashSet<>();
    Map<String, Duration> apart = source.nodes().read().ahead();
    for (WatchedServers.Server server : servers) {
      Followed followed = server.proxy() == null ? null : logs.get(server.proxy());
      if (followed == null) {
        failure = UnreadLog.withoutZtunnel(server.pod(), source.ztunnels());
        continue;
      }
      ProxyLog<RefusalLine> log = followed.log;
      UnreadLog why = log.failure(now);
      failure = why == null ? failure : why;
      Duration ahead = apart.get(followed.proxy.pod().node());
      if (ahead != null) {
        failure = UnreadLog.wrongClock(followed.proxy.pod(), ahead);
      }
      Instant begun = followed.from(server.pod().namespace());
      if (begun.isAfter(from)) {
        from = begun;
        before = UnreadLog.before(followed.proxy.pod());
      }
      Instant known = log.asOf();
      if (known == null && why == null && !log.unborn()) {
        failure = UnreadLog.NOT_YET;
      }
      asOf = known != null && known.isBefore(asOf) ? known : asOf;
      (log.speaks() ? speaking : silent).add(server.pod().workload());
    }
    silent.removeAll(speaking);
    // Whatever else such a log tells.
    servers.stream()
        .map(server -> server.pod().workload())
        .filter(filtered::contains)
        .forEach(silent::add);
    Set<String> ids =
        silent.stream().map(WorkloadRef::id).collect(Collectors.toCollection(TreeSet::new));
    return new Account(from, before, asOf, ids, failure);
  }

  /**
   * Returns the time of a line, whose node's clock may be wrong: it was written before it was read,
   * and after the last reading, though it may have been on its way for a while.
   */
  private Instant dated(RefusalLine line, Instant after) {
    Instant read = clock.instant();
    Instant earliest = after.minus(ON_ITS_WAY);
    Instant at = line.at().isBefore(earliest) ? earliest : line.at();
    return at.isAfter(read) ? read : at;
  }

  /**
   * Returns the server that was called. An address passes on: what a ztunnel wrote before the pod
   * that has it now is of the one before, if that is known, or else of nobody, unless its node's
   * clock may just be behind.
   */
  private @Nullable Pod called(WatchedServers.Proxy proxy, String ip, Instant at) {
    Pod now = proxy.servers().get(ip);
    if (now == null || now.uid().equals(proxy.pod().uid()) || !at.isBefore(now.createdAt())) {
      return now;
    }
    Pod before = source.history().holder(ip, at, false).pod();
    return before != null ? before : LogTurn.before(at, now) ? null : now;
  }

  private Told told(RefusalLine line, Instant at, WorkloadRef server, Addresses addresses) {
    Address client = line.client();
    Refusal refusal =
        new Refusal(
            at,
            addresses.caller(client.ip(), at),
            server,
            line.server().port(),
            probes.claim(client.ip(), client.port(), server, line.at()));
    return new Told(line, server, refusal, addresses.settled(refusal.client(), at));
  }

  /** Looks up the recent clients that may be others. */
  private void name(Deque<Told> known, Addresses addresses, Instant now) {
    Instant late = now.minus(UNNAMED);
    synchronized (known) {
      List<Told> named = new ArrayList<>(known);
      named.replaceAll(
          told ->
              !told.named() && told.refusal().at().isAfter(late)
                  ? told(told.line(), told.refusal().at(), told.server(), addresses)
                      .counted(told.refusal().count())
                  : told);
      known.clear();
      known.addAll(named);
    }
  }

  private void keep(String namespace, List<Told> found, Instant now) {
    Deque<Told> known = refusals.computeIfAbsent(namespace, n -> new ArrayDeque<>());
    synchronized (known) {
      known.addAll(found);
      if (known.size() > KEPT) {
        List<Told> kept = shared(known);
        known.clear();
        known.addAll(kept.subList(Math.max(0, kept.size() - KEPT), kept.size()));
        if (kept.size() > KEPT) {
          gaps.overfull(namespace, now);
        }
      }
    }
  }

  /** Returns the first and the latest of each share; the next one kept counts those between. */
  private static List<Told> shared(Deque<Told> known) {
    Map<Object, Integer> later = new HashMap<>();
    known.forEach(told -> later.merge(told.who(), 1, Integer::sum));
    int share = Math.max(1, KEPT / later.size());
    Set<Object> begun = new HashSet<>();
    Map<Object, Integer> counts = new HashMap<>();
    List<Told> kept = new ArrayList<>();
    for (Told told : known) {
      Object who = told.who();
      boolean first = begun.add(who) && share > 1;
      boolean latest = later.merge(who, -1, Integer::sum) < Math.max(1, share - 1);
      int count =
          counts.merge(who, told.refusal().count(), (one, two) -> Math.min(COUNTED, one + two));
      if (first || latest) {
        kept.add(told.counted(count));
        counts.remove(who);
      }
    }
    return kept;
  }
}
