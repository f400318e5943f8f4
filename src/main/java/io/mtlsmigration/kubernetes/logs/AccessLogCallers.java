// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.CallerRecord;
import io.mtlsmigration.traffic.LinesRead;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Senders of plaintext in the access logs of servers that were asked about. The logs are read on
 * for a while after the last question, in turn ({@link ReadingOrder}), within a budget of bytes:
 * three quarters for logs that gates need, a quarter for the others, and to each what the other one
 * leaves. An unread log names nobody, and does not prove that nobody called.
 *
 * <p>Each reading takes at least {@link LogReaders#AT_ONCE} logs of either kind. So a log is read
 * within {@code p * ceil(n / 8)} readings, where {@code p} is the number of logs of its own
 * namespace, and {@code n} the number of namespaces with logs of its kind; how many logs other
 * namespaces have does not matter.
 */
public final class AccessLogCallers implements CallerRecord {

  /** How far back a log is read at first, and how long callers are remembered: the usual window. */
  public static final Duration RETAINED = Duration.ofHours(25);

  /** How much younger than a line a snapshot must be to tell who had an address then. */
  private static final Duration TOLD = Duration.ofSeconds(3);

  /** The longest wait of a line for such a snapshot; {@code MAX_UNNAMED} lines may wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private static final int MAX_UNNAMED = 1_000;

  /** The most logs that are remembered while some of them are of pods that have ended. */
  private static final int MOST_TURNS = 30_000;

  /**
   * How long a reading begins to read logs: with slow kubelets what was read first would become old
   * meanwhile. The share of logs that no gate needs is the same as of the budget.
   */
  private static final Duration ENOUGH = Duration.ofSeconds(20);

  /** The inverse of the share of the budget that is kept for logs that no gate needs. */
  private static final int OTHERS = 4;

  private final LogSource source;
  private final OpenConnections open;
  private final OwnProbes probes;
  private final Clock clock;
  private final long bytes;

  private final Supplier<Gates> gates;
  private final Asked asked;
  private final CallerBook book;
  private final LineAccount account = new LineAccount();

  /** Recent calls whose caller is not known yet. */
  private final List<Unnamed> unnamed = new ArrayList<>();

  private final Shares waitingShares = new Shares(MAX_UNNAMED);

  /** The namespaces whose gates decide, as of the latest reading. */
  private Set<String> first = Set.of();

  /** Until when logs of a server were read that are forgotten before their time. */
  private final Map<WorkloadRef, Instant> forgotten = new HashMap<>();

  /**
   * The namespaces that plans are about.
   *
   * @param first whose gates decide now: logs that these need are read first
   * @param kept whose callers are forgotten last
   */
  public record Gates(Set<String> first, Set<String> kept) {
    public static final Gates NONE = new Gates(Set.of(), Set.of());

    public Gates {
      first = Set.copyOf(first);
      kept = Set.copyOf(kept);
    }
  }

  private record Unnamed(PlaintextLine line, WorkloadRef server, boolean own) {}

  /** By the UID of the proxy's pod. */
  private final Map<String, LogTurn> turns = new HashMap<>();

  /**
   * Creates the record.
   *
   * @param port the way to pages that a ztunnel serves to its own host only
   * @param bytes that one reading may take from the API server; up to 32 MiB more for either kind,
   *     since what is begun is read on
   */
  public AccessLogCallers(
      LogSource source,
      PodPort port,
      Supplier<Gates> gates,
      OwnProbes probes,
      Clock clock,
      long bytes) {
    this.source = source;
    this.gates = gates;
    this.asked = new Asked();
    this.book = new CallerBook(RETAINED);
    this.open = new OpenConnections(source, port, clock);
    this.probes = probes;
    this.clock = clock;
    this.bytes = bytes;
  }

  @Override
  public List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to) {
    asked.about(server, clock.instant());
    return book.of(server, from, to);
  }

  @Override
  public LinesRead lines(WorkloadRef server) {
    LinesRead read = account.of(server);
    Instant since = read.since();
    Instant lost = book.lost(server);
    // The account is of the latest reading; what one that goes on has dropped is missing already.
    return since == null || !lost.isAfter(since)
        ? read
        : new LinesRead(lost, read.gaps(), read.until(), read.followed(), LineAccount.DROPPED);
  }

  @Override
  public List<SeenCaller> open(WorkloadRef server, Instant since) {
    return open.of(server, since);
  }

  /**
   * Reads the open connections. Blocks; called by one thread at a time, which may be another one.
   */
  public void readOpen() {
    open.read();
  }

  /**
   * Reads the lines since the last reading. Blocks; called by one thread at a time. No line is read
   * again: what a reading that dies has read is missing, and said to be.
   */
  public void read() {
    boolean whole = false;
    try {
      readOn();
      whole = true;
    } finally {
      if (!whole) {
        Instant until = clock.instant();
        turns.values().forEach(turn -> turn.log.untaken(until));
      }
    }
  }

  private void readOn() {
    Instant now = clock.instant();
    book.forget(now.minus(RETAINED));
    MeshSnapshot snapshot = source.inventory().snapshot();
    source.history().observe(snapshot, now);
    Gates wanted = gates.get();
    first = wanted.first();
    asked.first(first);
    book.keep(wanted.kept());
    WatchedServers watch = asked.watch(snapshot, source.ztunnels(), now);
    List<ReadingOrder.Waiting> waiting = new ArrayList<>();
    watch
        .proxies()
        .forEach(
            (uid, proxy) -> {
              LogTurn turn = turns.computeIfAbsent(uid, u -> turn(proxy.pod(), now));
              turn.wanted = now;
              turn.log.seen(proxy.pod());
              turn.serves(proxy.servers(), asked, source.history(), now);
              waiting.add(new ReadingOrder.Waiting(turn, proxy));
            });
    turns.values().removeIf(turn -> turn.wanted.isBefore(now.minus(RETAINED)));
    forgotten.values().removeIf(at -> at.isBefore(now.minus(RETAINED)));
    LogTurn.surplus(turns, MOST_TURNS).forEach((uid, turn) -> forget(uid, turn, now));
    Addresses addresses = new Addresses(snapshot, source.history(), true, source.nodes()::read);
    Instant told = told(snapshot, now);
    List<Unnamed> again = List.copyOf(unnamed);
    unnamed.clear();
    waitingShares.clear();
    again.forEach(call -> add(call, addresses, told));
    read(
        waiting,
        now,
        found -> found.lines().forEach(line -> take(line, found.proxy(), addresses, told)));
    account.look(snapshot, now, now.minus(RETAINED));
    account.read(turns, watch, lost(), waitingSince(), now);
  }

  /** What the log said of its servers counts no more, as if it had not been read. */
  private void forget(String uid, LogTurn turn, Instant now) {
    turns.remove(uid);
    turn.servers().forEach(server -> forgotten.put(server, now));
  }

  private Map<WorkloadRef, Instant> lost() {
    Map<WorkloadRef, Instant> lost = new HashMap<>(book.lost());
    forgotten.forEach(
        (server, at) -> lost.merge(server, at, (one, other) -> one.isAfter(other) ? one : other));
    return lost;
  }

  private LogTurn turn(Pod proxy, Instant now) {
    return new LogTurn(
        proxy,
        new ProxyLog<>(source.client()::raw, LogTurn.PLAINTEXT, false, proxy, now.minus(RETAINED)),
        now);
  }

  /** Returns the time of the oldest line that is not in the book yet, by server. */
  private Map<WorkloadRef, Instant> waitingSince() {
    Map<WorkloadRef, Instant> since = new HashMap<>();
    unnamed.forEach(
        call ->
            since.merge(
                call.server(),
                call.line().at(),
                (one, other) -> one.isBefore(other) ? one : other));
    return since;
  }

  /** Returns until when the owners of addresses are known, or no longer waited for. */
  private static Instant told(MeshSnapshot snapshot, Instant now) {
    Instant known = snapshot.observedAt().minus(TOLD);
    Instant waited = now.minus(PATIENCE);
    return known.isAfter(waited) ? known : waited;
  }

  private void read(
      List<ReadingOrder.Waiting> waiting,
      Instant now,
      Consumer<LogReaders.Found<PlaintextLine>> found) {
    List<ReadingOrder.Waiting> needed = waiting.stream().filter(next -> next.isOf(first)).toList();
    List<ReadingOrder.Waiting> left = waiting.stream().filter(next -> !next.isOf(first)).toList();
    Deque<ReadingOrder.Waiting> ofGates = ReadingOrder.of(needed);
    Deque<ReadingOrder.Waiting> others = ReadingOrder.of(left);
    long share = bytes / OTHERS;
    Instant end = now.plus(ENOUGH);
    Instant most = end.minus(ENOUGH.dividedBy(OTHERS));
    long taken = read(ofGates, bytes - share, now, most, found);
    taken += read(others, Math.max(share, bytes - taken), now, end, found);
    if (taken < bytes && clock.instant().isBefore(end)) {
      read(ofGates, bytes - taken, now, end, found);
    }
  }

  /**
   * Reads at least one batch, however small the budget is and however late it is.
   *
   * @param end no batch begins later
   * @return the size of what was read
   */
  private long read(
      Deque<ReadingOrder.Waiting> waiting,
      long budget,
      Instant now,
      Instant end,
      Consumer<LogReaders.Found<PlaintextLine>> found) {
    long taken = 0;
    do {
      List<LogReaders.Reading<PlaintextLine>> readings = new ArrayList<>();
      while (!waiting.isEmpty() && readings.size() < LogReaders.AT_ONCE) {
        ReadingOrder.Waiting next = waiting.remove();
        next.turn().last = now;
        readings.add(new LogReaders.Reading<>(next.proxy(), next.turn().log));
      }
      LogReaders.read(readings, source.readers(), now).forEach(found);
      taken += readings.stream().mapToLong(reading -> reading.log().taken()).sum();
    } while (!waiting.isEmpty() && taken < budget && clock.instant().isBefore(end));
    return taken;
  }

  private void take(
      PlaintextLine read, WatchedServers.Proxy proxy, Addresses addresses, Instant told) {
    PlaintextLine line = notAhead(read);
    LogTurn turn = turns.get(proxy.pod().uid());
    WorkloadRef server = turn == null ? null : turn.server(line.server().ip(), line.at());
    if (server == null) {
      return; // of another server behind the same ztunnel
    }
    open.ended(line.client(), line.server());
    add(new Unnamed(line, server, own(line, server)), addresses, told);
  }

  /** Returns a line at the latest time that it may have by this clock: a node's may be ahead. */
  private PlaintextLine notAhead(PlaintextLine line) {
    Instant now = clock.instant();
    return line.at().isAfter(now)
        ? new PlaintextLine(now, line.client(), line.server(), line.http())
        : line;
  }

  private void add(Unnamed call, Addresses addresses, Instant told) {
    PlaintextLine line = call.line();
    Caller caller = addresses.caller(line.client().ip(), line.at());
    boolean later = Addresses.unsettled(caller) && line.at().isAfter(told);
    if (!later) {
      book.add(call.server(), caller, line, call.own());
      return;
    }
    unnamed.add(call);
    waitingShares.add(call.server().namespace());
    String over = waitingShares.over(first);
    if (over != null) {
      unnamed.stream()
          .filter(one -> one.server().namespace().equals(over))
          .findFirst()
          .ifPresent(one -> giveUp(one, addresses));
    }
  }

  /** Takes a call of an unknown caller. */
  private void giveUp(Unnamed call, Addresses addresses) {
    unnamed.remove(call);
    waitingShares.remove(call.server().namespace());
    PlaintextLine line = call.line();
    book.add(call.server(), addresses.caller(line.client().ip(), line.at()), line, call.own());
  }

  /**
   * Returns whether a call is certainly a probe of our own. Other callers from such a port, and
   * probes of an earlier leader, count like any other call.
   */
  private boolean own(PlaintextLine line, WorkloadRef server) {
    Address client = line.client();
    return client.port() >= OwnProbes.FIRST_PORT
        && probes.claim(client.ip(), client.port(), server, line.at()) == OwnProbes.Claim.OURS;
  }
}
