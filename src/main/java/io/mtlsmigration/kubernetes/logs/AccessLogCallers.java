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
import java.util.Objects;
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

  /** A log, and when it was read last. */
  private final class Turn {
    private final ProxyLog<PlaintextLine> log;
    private Instant last = Instant.MIN;

    Turn(Pod proxy, Instant now) {
      this.log = new ProxyLog<>(client::raw, LineFormat::plaintext, proxy, now.minus(RETAINED));
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
    turns.keySet().retainAll(watch.proxies().keySet());
    watch
        .proxies()
        .forEach((uid, proxy) -> turns.computeIfAbsent(uid, u -> new Turn(proxy.pod(), now)));
    List<Map.Entry<String, Turn>> waiting = new ArrayList<>(turns.entrySet());
    waiting.sort(Comparator.comparing(entry -> entry.getValue().last));
    Addresses addresses = new Addresses(snapshot, true, nodes::read);
    long taken = 0;
    for (int i = 0; i < waiting.size() && taken < bytes; i += LogReaders.AT_ONCE) {
      List<LogReaders.Reading<PlaintextLine>> readings = new ArrayList<>();
      for (Map.Entry<String, Turn> entry :
          waiting.subList(i, Math.min(waiting.size(), i + LogReaders.AT_ONCE))) {
        Turn turn = entry.getValue();
        turn.last = now;
        Watch.Proxy proxy = Objects.requireNonNull(watch.proxies().get(entry.getKey()));
        readings.add(new LogReaders.Reading<>(proxy, turn.log));
      }
      for (LogReaders.Found<PlaintextLine> found : LogReaders.read(readings, now)) {
        found.lines().forEach(line -> take(line, found.proxy(), addresses));
      }
      taken += readings.stream().mapToLong(reading -> reading.log().taken()).sum();
    }
  }

  private void take(PlaintextLine line, Watch.Proxy proxy, Addresses addresses) {
    Pod called = proxy.servers().get(line.server().ip());
    if (called == null) {
      return; // of another server behind the same ztunnel
    }
    Address client = line.client();
    WorkloadRef server = called.workload();
    if (!probes.madeFrom(client.ip(), client.port(), server, line.at())) {
      book.add(server, addresses.caller(client.ip(), line.at()), line);
    }
  }
}
