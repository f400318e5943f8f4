package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Refusals, from the access logs of servers' proxies, for the namespaces in which a lock is being
 * made or verified. Needs {@code get} on {@code pods/log}; without it, and while a log cannot be
 * read, that is said, and nobody takes it for a log without refusals. Where a log is read and holds
 * no connection at all ({@code accessLogFile} is empty and no Telemetry sets a provider, or nobody
 * called), nobody can name who was refused, and verification has to go by probes and by what
 * clients' proxies count.
 */
public final class AccessLogRefusals implements RefusalRecord {

  /** Per namespace; who floods a server shall not fill our memory. */
  private static final int KEPT = 1_000;

  private final KubernetesClient client;
  private final Inventory inventory;
  private final ClusterNodes nodes;
  private final Supplier<Set<String>> focus;
  private final OwnProbes probes;
  private final Clock clock;
  private final Duration lookBack;

  /** By the UID of the proxy's pod. */
  private final Map<String, ProxyLog<RefusalLine>> logs = new HashMap<>();

  private final Map<String, Account> accounts = new ConcurrentHashMap<>();
  private final Map<String, Deque<Refusal>> refusals = new ConcurrentHashMap<>();

  /** What is known of one namespace, beside who was refused. */
  private record Account(
      Instant from, Instant asOf, Set<String> silent, @Nullable Unread failure) {}

  /**
   * @param focus namespaces whose logs are worth reading now
   * @param lookBack how far back a log is read when a namespace comes into focus
   */
  public AccessLogRefusals(
      KubernetesClient client,
      Inventory inventory,
      ClusterNodes nodes,
      Supplier<Set<String>> focus,
      OwnProbes probes,
      Clock clock,
      Duration lookBack) {
    this.client = client;
    this.inventory = inventory;
    this.nodes = nodes;
    this.focus = focus;
    this.probes = probes;
    this.clock = clock;
    this.lookBack = lookBack;
  }

  @Override
  public Refusals since(String namespace, Instant from) {
    Account account = accounts.get(namespace);
    List<Refusal> seen = seen(namespace, from);
    if (account == null) {
      return unreadable(seen, Unread.NOT_YET);
    }
    if (account.failure() != null) {
      return unreadable(seen, account.failure());
    }
    return account.silent().isEmpty()
        ? new Refusals.Read(seen, account.from(), account.asOf())
        : new Refusals.Silent(seen, account.from(), account.asOf(), List.copyOf(account.silent()));
  }

  private static Refusals unreadable(List<Refusal> seen, Unread why) {
    return new Refusals.Unreadable(seen, why.reason(), why.detail());
  }

  private List<Refusal> seen(String namespace, Instant from) {
    Deque<Refusal> known = refusals.get(namespace);
    if (known == null) {
      return List.of();
    }
    synchronized (known) {
      return known.stream().filter(refusal -> !refusal.at().isBefore(from)).toList();
    }
  }

  /** Reads what was written since the last time. Blocking; called by one thread at a time. */
  public void read() {
    MeshSnapshot snapshot = inventory.snapshot();
    Watch watch = Watch.of(snapshot, focus.get(), pod -> true);
    Addresses addresses = new Addresses(snapshot, false, nodes::read);
    Instant now = clock.instant();
    logs.keySet().retainAll(watch.proxies().keySet());
    accounts.keySet().retainAll(watch.byNamespace().keySet());
    refusals.keySet().retainAll(watch.byNamespace().keySet());
    Map<String, List<Refusal>> found = new HashMap<>();
    for (LogReaders.Found<RefusalLine> lines : lines(watch, now)) {
      for (RefusalLine line : lines.lines()) {
        Refusal refusal = of(line, lines.proxy(), addresses);
        if (refusal != null) {
          found.computeIfAbsent(refusal.server().namespace(), n -> new ArrayList<>()).add(refusal);
        }
      }
    }
    found.forEach(this::keep);
    // Told last: who sees the account sees what it is about.
    watch.byNamespace().forEach((ns, servers) -> accounts.put(ns, account(servers, now)));
  }

  private List<LogReaders.Found<RefusalLine>> lines(Watch watch, Instant now) {
    List<LogReaders.Reading<RefusalLine>> readings = new ArrayList<>();
    watch
        .proxies()
        .forEach(
            (uid, proxy) -> {
              ProxyLog<RefusalLine> log =
                  logs.computeIfAbsent(
                      uid,
                      u ->
                          new ProxyLog<>(
                              client::raw,
                              LineFormat::refusal,
                              true,
                              proxy.pod(),
                              now.minus(lookBack)));
              readings.add(new LogReaders.Reading<>(proxy, log));
            });
    return LogReaders.read(readings, now);
  }

  private Account account(List<Watch.Server> servers, Instant now) {
    Instant from = Instant.EPOCH;
    Instant asOf = now;
    Unread failure = null;
    Set<String> silent = new TreeSet<>();
    Set<String> speaking = new TreeSet<>();
    for (Watch.Server server : servers) {
      ProxyLog<RefusalLine> log = server.proxy() == null ? null : logs.get(server.proxy());
      if (log == null) {
        failure = Unread.withoutZtunnel(server.pod());
        continue;
      }
      Unread why = log.failure(now);
      failure = why == null ? failure : why;
      from = log.from().isAfter(from) ? log.from() : from;
      Instant known = log.asOf();
      asOf = known != null && known.isBefore(asOf) ? known : asOf;
      (log.speaks() ? speaking : silent).add(server.pod().workload().id());
    }
    silent.removeAll(speaking);
    return new Account(from, asOf, silent, failure);
  }

  /** Null when the proxy refused it for somebody else. */
  private @Nullable Refusal of(RefusalLine line, Watch.Proxy proxy, Addresses addresses) {
    Pod called = proxy.servers().get(line.server().ip());
    if (called == null) {
      return null;
    }
    WorkloadRef server = called.workload();
    Address client = line.client();
    return new Refusal(
        line.at(),
        addresses.caller(client.ip(), line.at()),
        server,
        line.server().port(),
        probes.claim(client.ip(), client.port(), server, line.at()));
  }

  private void keep(String namespace, List<Refusal> found) {
    Deque<Refusal> known = refusals.computeIfAbsent(namespace, n -> new ArrayDeque<>());
    synchronized (known) {
      known.addAll(found);
      while (known.size() > KEPT) {
        known.removeFirst();
      }
    }
  }
}
