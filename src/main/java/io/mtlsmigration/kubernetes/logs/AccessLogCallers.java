package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.CallerRecord;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Clients that send plaintext, by the access logs of those servers that somebody has asked about:
 * they are read on for a while after, as far as a budget of bytes reaches, each in its turn. What
 * was not read names nobody, and is no sign that nobody called.
 */
public final class AccessLogCallers implements CallerRecord {

  /** How far back a log is read at first, and how long it is remembered: what most plans ask. */
  private static final Duration RETAINED = Duration.ofHours(25);

  /** Who is not asked about any more is not read any more. */
  private static final Duration INTEREST = Duration.ofMinutes(10);

  private static final int MAX_SERVERS = 5_000;

  private final KubernetesClient client;
  private final Inventory inventory;
  private final ClusterNodes nodes;
  private final OwnProbes probes;
  private final Clock clock;
  private final long bytes;

  private final Map<WorkloadRef, Instant> asked = new ConcurrentHashMap<>();
  private final CallerBook book = new CallerBook(RETAINED);

  /** By the UID of the proxy's pod. */
  private final Map<String, Turn> turns = new HashMap<>();

  /**
   * A log, and when it was read last. Kept for as long as what it told is, for a line that is read
   * twice would count for somebody who was not read of.
   */
  private final class Turn {
    private final ProxyLog<PlaintextLine> log;
    private Instant last = Instant.MIN;
    private Instant wanted;

    Turn(Pod proxy, Instant now) {
      this.log =
          new ProxyLog<>(client::raw, LineFormat::plaintext, false, proxy, now.minus(RETAINED));
      this.wanted = now;
    }
  }

  /**
   * @param bytes that one reading may take from the API server, some 4 MiB more or less
   */
  public AccessLogCallers(
      KubernetesClient client,
      Inventory inventory,
      ClusterNodes nodes,
      OwnProbes probes,
      Clock clock,
      long bytes) {
    this.client = client;
    this.inventory = inventory;
    this.nodes = nodes;
    this.probes = probes;
    this.clock = clock;
    this.bytes = bytes;
  }

  @Override
  public List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to) {
    if (asked.size() < MAX_SERVERS || asked.containsKey(server)) {
      asked.put(server, clock.instant());
    }
    return book.of(server, from, to);
  }

  /** Reads what was written since the last time. Blocking; called by one thread at a time. */
  public void read() {
    Instant now = clock.instant();
    asked.values().removeIf(at -> at.isBefore(now.minus(INTEREST)));
    book.forget(now.minus(RETAINED));
    Set<String> namespaces = new HashSet<>();
    asked.keySet().forEach(server -> namespaces.add(server.namespace()));
    MeshSnapshot snapshot = inventory.snapshot();
    Watch watch = Watch.of(snapshot, namespaces, pod -> asked.containsKey(pod.workload()));
    List<Waiting> waiting = new ArrayList<>();
    watch
        .proxies()
        .forEach(
            (uid, proxy) -> {
              Turn turn = turns.computeIfAbsent(uid, u -> new Turn(proxy.pod(), now));
              turn.wanted = now;
              waiting.add(new Waiting(turn, proxy));
            });
    turns.values().removeIf(turn -> turn.wanted.isBefore(now.minus(RETAINED)));
    waiting.sort(Comparator.comparing(next -> next.turn().last));
    Addresses addresses = new Addresses(snapshot, true, nodes::read);
    long taken = 0;
    for (int i = 0; i < waiting.size() && taken < bytes; i += LogReaders.AT_ONCE) {
      List<LogReaders.Reading<PlaintextLine>> readings = new ArrayList<>();
      for (Waiting next : waiting.subList(i, Math.min(waiting.size(), i + LogReaders.AT_ONCE))) {
        next.turn().last = now;
        readings.add(new LogReaders.Reading<>(next.proxy(), next.turn().log));
      }
      for (LogReaders.Found<PlaintextLine> found : LogReaders.read(readings, now)) {
        found.lines().forEach(line -> take(line, found.proxy(), addresses));
      }
      taken += readings.stream().mapToLong(reading -> reading.log().taken()).sum();
    }
  }

  private record Waiting(Turn turn, Watch.Proxy proxy) {}

  private void take(PlaintextLine line, Watch.Proxy proxy, Addresses addresses) {
    Pod called = proxy.servers().get(line.server().ip());
    if (called == null) {
      return; // of another server behind the same ztunnel
    }
    Address client = line.client();
    WorkloadRef server = called.workload();
    if (!own(line, server)) {
      book.add(server, addresses.caller(client.ip(), line.at()), line);
    }
  }

  /** Of calls that are long past, their port has to do, and who made one stays without a name. */
  private boolean own(PlaintextLine line, WorkloadRef server) {
    Address client = line.client();
    boolean past = line.at().isBefore(clock.instant().minus(OwnProbes.TRACED));
    return (past && client.port() >= OwnProbes.FIRST_PORT)
        || probes.madeFrom(client.ip(), client.port(), server, line.at());
  }
}
