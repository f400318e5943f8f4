// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Turns;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.ConnectionRecord;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Connections that clients without a proxy hold open at the sidecars of namespaces whose gates ask.
 * Each pod is asked for its kernel's list ({@link ConnectionTable}); a connection counts when two
 * lists show it that are far enough apart: calls, and the service's own probes, are shorter. One
 * that the last list alone shows may be either.
 */
public final class HeldConnectionReader implements ConnectionRecord {

  private static final Logger LOG = Logger.getLogger(HeldConnectionReader.class);

  /** The least time between two failures that shows one to last. */
  static final Duration LASTING = Duration.ofSeconds(30);

  /** The pause between two lists of a pod where a gate waits for nothing else. */
  private static final Duration OFTEN = Duration.ofMinutes(2);

  /** The same where it waits for something else, and so as to tell early who is connected. */
  private static final Duration SELDOM = Duration.ofMinutes(15);

  /** The pause after a failure that would repeat itself; others are tried again sooner. */
  private static final Duration RETRY = Duration.ofMinutes(5);

  /** The age up to which a list counts; where a round of all pods takes long, two rounds do. */
  static final Duration FRESH = Duration.ofMinutes(5);

  /** The age up to which a pod of a workload that has been read holds up nothing. */
  static final Duration YOUNG = Duration.ofSeconds(90);

  /** The time after the last question at which reading stops. */
  private static final Duration INTEREST = Duration.ofMinutes(10);

  /** The number of pods that are asked at the same time. */
  private static final int AT_ONCE = 16;

  /** The most that a pod takes: two commands that do not end, and a question to the API server. */
  private static final Duration TURN = Duration.ofSeconds(15);

  /**
   * The time of all its answers after which a namespace waits for the next round, where this one
   * takes as long already. What an answer takes its own pods decide, and how long a list counts is
   * by the length of rounds; but a namespace of thousands of pods has to be read within that, too.
   */
  private static final Duration MOST_OF_A_ROUND = Duration.ofMinutes(1);

  /** The most connections that are followed at one pod; of more, one of each client. */
  private static final int MOST = 20_000;

  private static final int MOST_LOGGED = 1_000;

  private final LogSource source;
  private final BiFunction<Pod, Set<String>, Listing> lister;
  private final Duration apart;
  private final Clock clock;

  private final Map<String, Interest> wanted = new ConcurrentHashMap<>();

  /** By namespace, then by the UID of the pod. */
  private final Map<String, Map<String, Look>> looks = new ConcurrentHashMap<>();

  private final Set<String> logged = new HashSet<>();

  private volatile Duration round = Duration.ZERO;

  /**
   * The interest in a namespace.
   *
   * @param since the first question of those that followed soon enough
   * @param soon the latest question of a gate that waits for nothing else
   */
  private record Interest(Instant since, Instant latest, Instant soon) {}

  /**
   * The reading of one pod.
   *
   * @param last when its list was last read, and {@code previous} before that; null while it has
   *     not been
   * @param tried when it was last tried
   * @param failures how often in a row that failed
   * @param failure the reason why the last try failed; empty when it did not
   * @param lasted how often in a row it failed for a reason that would repeat itself: what begins,
   *     such as a proxy or an API server, fails so once
   */
  private record Look(
      WorkloadRef workload,
      @Nullable Instant previous,
      @Nullable Instant last,
      Map<Address, Held> held,
      Instant tried,
      int failures,
      String failure,
      int lasted) {

    static Look none(Pod pod) {
      return new Look(pod.workload(), null, null, Map.of(), Instant.MIN, 0, "", 0);
    }

    boolean lasting() {
      return lasted > 1;
    }

    /** Returns whether the last list shows a client. */
    boolean connected() {
      return held.values().stream().anyMatch(one -> one.client() != null);
    }

    boolean untried() {
      return tried.equals(Instant.MIN);
    }

    /**
     * Returns whether two lists, far enough apart and not too far, show what stays open: what began
     * between the two, or after them, is younger than {@code fresh} twice.
     */
    boolean settled(Duration apart, Duration fresh) {
      return previous != null
          && last != null
          && !previous.isAfter(last.minus(apart))
          && !previous.isBefore(last.minus(fresh));
    }

    boolean older(Instant than) {
      return last == null || last.isBefore(than);
    }

    Instant due(boolean soon, Duration apart, Duration fresh) {
      if (untried()) {
        return tried;
      }
      if (lasted == 1) {
        return tried.plus(LASTING);
      }
      if (failures > 0) {
        return tried.plus(
            lasting() || failures > 4 ? RETRY : LASTING.multipliedBy(1L << (failures - 1)));
      }
      // A client that is connected may let go, or show that it stays.
      boolean again = previous == null || (soon && (!settled(apart, fresh) || connected()));
      return tried.plus(again ? apart : soon ? OFTEN : SELDOM);
    }
  }

  /**
   * A connection.
   *
   * @param client null unless it is one without a sidecar
   * @param stranger whether it is no pod, or not for certain: nobody knows whether it has a proxy
   * @param since when it was seen first
   */
  private record Held(@Nullable Caller client, boolean stranger, int port, Instant since) {}

  /**
   * Creates a reader.
   *
   * @param lister asks one pod for the lines that hold one of some texts; several at a time
   * @param apart the least time between two lists that shows a connection to be held open
   */
  public HeldConnectionReader(
      LogSource source, BiFunction<Pod, Set<String>, Listing> lister, Duration apart, Clock clock) {
    this.source = source;
    this.lister = lister;
    this.apart = apart;
    this.clock = clock;
  }

  @Override
  public Reading read() {
    MeshSnapshot snapshot = source.inventory().snapshot();
    Instant now = clock.instant();
    return new Reading() {
      @Override
      public boolean any(String namespace) {
        return looks.containsKey(namespace);
      }

      @Override
      public Connections of(String namespace) {
        return connections(namespace, snapshot.namespace(namespace), now);
      }

      @Override
      public void wanted(String namespace, boolean soon) {
        want(namespace, soon);
      }
    };
  }

  private void want(String namespace, boolean soon) {
    Instant now = clock.instant();
    wanted.merge(
        namespace,
        new Interest(now, now, soon ? now : Instant.MIN),
        (known, next) ->
            known.latest.isBefore(now.minus(INTEREST))
                ? next
                : new Interest(known.since, now, soon ? now : known.soon));
  }

  private Connections connections(String namespace, @Nullable NamespaceFacts facts, Instant now) {
    // Of one time: a pod that is read meanwhile would count as read, and its clients not.
    Map<String, Look> known = Map.copyOf(looks.getOrDefault(namespace, Map.of()));
    Duration fresh = fresh();
    Instant old = now.minus(fresh);
    Map<WorkloadRef, Map<Client, SeenCaller>> held = new HashMap<>();
    Map<WorkloadRef, Map<Client, SeenCaller>> once = new HashMap<>();
    Set<WorkloadRef> strangers = new HashSet<>();
    for (Look look : known.values()) {
      // Also of pods that are gone: their clients may be connected to their successors.
      if (!look.older(old)) {
        look.held().forEach((peer, one) -> add(look, peer, one, held, once));
        if (look.held().values().stream().anyMatch(Held::stranger)) {
          strangers.add(look.workload());
        }
      }
    }
    Map<WorkloadRef, String> unread = new HashMap<>();
    Map<WorkloadRef, String> failing = new HashMap<>();
    Map<WorkloadRef, String> unreadable = new HashMap<>();
    Set<WorkloadRef> read = new HashSet<>();
    for (Look look : known.values()) {
      if (look.lasting() || isRead(look, fresh, old)) {
        read.add(look.workload());
      }
    }
    for (Pod pod : servers(facts)) {
      Look look = known.getOrDefault(pod.uid(), Look.none(pod));
      if (look.lasting()) {
        unreadable.put(pod.workload(), look.failure());
      } else if (!pod.ready() && look.last() == null && !look.failure().isEmpty()) {
        // It may never answer, if it crashes again and again, and holds up nothing.
        unreadable.put(pod.workload(), "pod " + pod.name() + ": " + look.failure());
      } else if (!isRead(look, fresh, old) && pends(pod, look, read, now)) {
        if (!look.failure().isEmpty()) {
          failing.put(pod.workload(), "pod " + pod.name() + ": " + look.failure());
        } else if (waits(pod, look, now)) {
          failing.put(pod.workload(), "pod " + pod.name() + " waits for its turn");
        } else {
          unread.put(
              pod.workload(),
              "pod " + pod.name() + " is read twice, " + apart.toSeconds() + " s apart");
        }
      }
    }
    return new Connections(clients(held), clients(once), unread, failing, unreadable, strangers);
  }

  private static Map<WorkloadRef, List<SeenCaller>> clients(
      Map<WorkloadRef, Map<Client, SeenCaller>> all) {
    Map<WorkloadRef, List<SeenCaller>> clients = new HashMap<>();
    all.forEach((server, callers) -> clients.put(server, List.copyOf(callers.values())));
    return clients;
  }

  private Duration fresh() {
    Duration two = round.multipliedBy(2).plus(OFTEN);
    return two.compareTo(FRESH) > 0 ? two : FRESH;
  }

  private boolean isRead(Look look, Duration fresh, Instant old) {
    return look.settled(apart, fresh) && !look.older(old);
  }

  /** Returns whether a pod that is not read may hold a connection for long. */
  private static boolean pends(Pod pod, Look look, Set<WorkloadRef> read, Instant now) {
    boolean young = pod.createdAt().isAfter(now.minus(YOUNG)) && read.contains(pod.workload());
    return !young && (pod.ready() || look.untried() || look.connected());
  }

  /** Returns whether a pod has waited for much longer than two lists take. */
  private boolean waits(Pod pod, Look look, Instant now) {
    Interest interest = wanted.get(pod.namespace());
    Instant longAgo = now.minus(FRESH.multipliedBy(2));
    return interest != null
        && interest.since.isBefore(longAgo)
        && pod.createdAt().isBefore(longAgo)
        && look.older(longAgo);
  }

  private record Client(Caller caller, int port) {}

  private boolean stays(Held one, Instant last) {
    return !one.since().isAfter(last.minus(apart));
  }

  /** Adds a connection of a client without a sidecar; one of a probe's port only if it stays. */
  private void add(
      Look look,
      Address peer,
      Held one,
      Map<WorkloadRef, Map<Client, SeenCaller>> held,
      Map<WorkloadRef, Map<Client, SeenCaller>> once) {
    Caller client = one.client();
    Instant last = look.last();
    if (client == null || last == null) {
      return;
    }
    boolean stays = stays(one, last);
    if (stays || peer.port() < OwnProbes.FIRST_PORT) {
      (stays ? held : once)
          .computeIfAbsent(look.workload(), server -> new LinkedHashMap<>())
          .merge(
              new Client(client, one.port()),
              new SeenCaller(client, one.port(), false, false, 1, one.since(), last),
              SeenCaller::and);
    }
  }

  /** Returns the pods whose sidecar takes connections. */
  private static List<Pod> servers(@Nullable NamespaceFacts facts) {
    return facts == null
        ? List.of()
        : facts.pods().stream()
            .filter(
                pod ->
                    pod.dataPlane() == DataPlane.SIDECAR
                        && !pod.terminated()
                        && !pod.ip().isEmpty()
                        && (facts.serves(pod) || !pod.ports().isEmpty()))
            .toList();
  }

  /** Asks the pods whose turn it is. Blocks; called by one thread at a time. */
  public void look() {
    Instant begin = clock.instant();
    MeshSnapshot snapshot = source.inventory().snapshot();
    source.history().observe(snapshot, begin);
    wanted.values().removeIf(interest -> interest.latest.isBefore(begin.minus(INTEREST)));
    // The clock was set back: such a list would be fresh until then, and no other be due.
    looks.values().forEach(known -> known.values().removeIf(l -> l.tried().isAfter(begin)));
    Map<Pod, Instant> due = new HashMap<>();
    Set<String> uids = new HashSet<>();
    wanted.forEach(
        (namespace, interest) -> {
          boolean soon = !interest.soon.isBefore(begin.minus(OFTEN));
          for (Pod pod : servers(snapshot.namespace(namespace))) {
            uids.add(pod.uid());
            due.put(pod, look(pod).due(soon, apart, fresh()));
          }
        });
    Instant old = begin.minus(fresh());
    for (Map<String, Look> known : looks.values()) {
      known.entrySet().removeIf(e -> !uids.contains(e.getKey()) && e.getValue().older(old));
    }
    looks.values().removeIf(Map::isEmpty);
    List<Pod> turn =
        due.entrySet().stream()
            .filter(pod -> !pod.getValue().isAfter(begin))
            .sorted(Map.Entry.comparingByValue(Comparator.naturalOrder()))
            .map(Map.Entry::getKey)
            .toList();
    ask(
        Turns.of(turn, Pod::namespace),
        snapshot,
        new Addresses(snapshot, source.history(), true, source.nodes()::read));
    Duration took = Duration.between(begin, clock.instant());
    Duration most = TURN.multipliedBy(turn.size() / AT_ONCE + 1);
    round = took.compareTo(most) > 0 ? most : took; // a process that stood still read nothing
  }

  private Look look(Pod pod) {
    Look known = looks.getOrDefault(pod.namespace(), Map.of()).get(pod.uid());
    return known == null ? Look.none(pod) : known;
  }

  private void put(Pod pod, Look look) {
    looks.computeIfAbsent(pod.namespace(), n -> new ConcurrentHashMap<>()).put(pod.uid(), look);
  }

  private record Answer(Pod pod, Listing listing, Instant asked) {}

  private void ask(List<Pod> pods, MeshSnapshot snapshot, Addresses addresses) {
    try (ExecutorService readers = source.readers().apply(AT_ONCE)) {
      ExecutorCompletionService<Answer> answers = new ExecutorCompletionService<>(readers);
      ConcurrentHashMap<String, Duration> taken = new ConcurrentHashMap<>();
      Instant begin = clock.instant();
      pods.forEach(pod -> answers.submit(() -> answer(pod, taken, begin)));
      for (int i = 0; i < pods.size(); i++) {
        Answer answer = answers.take().get();
        if (answer != null) {
          take(answer, snapshot, addresses);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /**
   * What it shows was open when it was asked for, or later.
   *
   * @param taken the time of all answers by namespace: pods that do not answer hold up few others
   * @param begin when the round began
   * @return null when its turn is in the next round
   */
  private @Nullable Answer answer(
      Pod pod, ConcurrentHashMap<String, Duration> taken, Instant begin) {
    if (most(taken.getOrDefault(pod.namespace(), Duration.ZERO))
        && most(Duration.between(begin, clock.instant()).abs())) {
      return null;
    }
    Answer answer = answer(pod);
    taken.merge(pod.namespace(), Duration.between(answer.asked(), clock.instant()), Duration::plus);
    return answer;
  }

  private static boolean most(Duration time) {
    return time.compareTo(MOST_OF_A_ROUND) >= 0;
  }

  private Answer answer(Pod pod) {
    Instant asked = clock.instant();
    if ("TPROXY".equals(pod.annotations().get("sidecar.istio.io/interceptionMode"))) {
      return new Answer(
          pod, new Listing.None("TPROXY does not show who is connected", true), asked);
    }
    try {
      return new Answer(pod, lister.apply(pod, ConnectionTable.WANTED), asked);
    } catch (RuntimeException e) {
      return new Answer(pod, new Listing.None("it failed: " + e, false), asked);
    }
  }

  private void take(Answer answer, MeshSnapshot snapshot, Addresses addresses) {
    Pod pod = answer.pod();
    Look before = look(pod);
    switch (answer.listing()) {
      case Listing.Tables(String text) -> {
        ConnectionTable table = ConnectionTable.read(text, pod).orElse(null);
        if (table == null) {
          failed(answer, before, "its answer is no list of connections", false);
        } else if (!table.listens()) {
          failed(answer, before, "no sidecar listens at port 15006", true);
        } else {
          int port = port(table, snapshot.namespace(pod.namespace()), pod);
          put(pod, listed(before, table, port, answer.asked(), addresses));
        }
      }
      case Listing.None(String reason, boolean lasting) -> failed(answer, before, reason, lasting);
    }
  }

  /**
   * Returns the port of the application that clients are connected to; 0 where it is not known. An
   * HTTP stream is open at the application as well: one port there is the stream's. With ingress
   * listeners that may be at loopback, where the application's own connections are.
   */
  private static int port(ConnectionTable table, @Nullable NamespaceFacts facts, Pod pod) {
    boolean elsewhere =
        facts == null
            || facts.sidecars().stream().anyMatch(scope -> scope.ingress() && scope.selects(pod));
    return elsewhere || table.ports().size() != 1 ? 0 : table.ports().iterator().next();
  }

  private static Look listed(
      Look before, ConnectionTable table, int port, Instant asked, Addresses addresses) {
    Map<Address, Held> held = new HashMap<>();
    Set<Optional<Caller>> clients = new HashSet<>();
    for (Address peer : table.peers()) {
      Held known = before.held().get(peer);
      Instant since = known == null ? asked : known.since();
      Caller client = addresses.withoutSidecar(peer.ip(), since, asked);
      boolean stranger = client == null && !addresses.proxied(peer.ip(), asked);
      if ((client != null || stranger)
          && (clients.add(Optional.ofNullable(client)) || held.size() < MOST)) {
        held.put(peer, new Held(client, stranger, port, since));
      }
    }
    return new Look(before.workload(), before.last(), asked, Map.copyOf(held), asked, 0, "", 0);
  }

  private void failed(Answer answer, Look before, String reason, boolean lasting) {
    Pod pod = answer.pod();
    // Before it is ready, it may have nothing that listens yet, or runs.
    boolean again = lasting && pod.ready();
    if (logged.size() < MOST_LOGGED && logged.add(pod.namespace() + ' ' + reason)) {
      LOG.infof(
          "Open connections of pods cannot be read namespace=%s cause=%s", pod.namespace(), reason);
    }
    put(
        pod,
        new Look(
            pod.workload(),
            before.previous(),
            before.last(),
            before.held(),
            answer.asked(),
            before.failures() + 1,
            again || !before.lasting() ? reason : before.failure(),
            again ? before.lasted() + 1 : before.lasting() ? before.lasted() : 0));
  }
}
