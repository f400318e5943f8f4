// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import static java.util.stream.Collectors.toSet;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The time since which everything that a server accepted is known (ADR 22). A proxy's counters
 * begin with it at 0: a proxy that is scraped now accounts for all of its life, and so does one
 * that is gone if it was scraped until it ended. A workload's watch breaks when one of its proxies
 * ends unseen, restarts, is added to a running pod, or changes a listener while it is not scraped.
 * Thread-safe.
 */
final class ProxyWatch {

  /** The time for which readings of several windows share the answers. */
  private static final Duration SHARED_FOR = Duration.ofSeconds(5);

  /** How long a window is remembered; older ones do not count for what is read and kept. */
  private static final Duration REMEMBERED = Duration.ofHours(2);

  /** The longest window of a plan, which may be requested at any time. */
  static final Duration LONGEST = Duration.ofDays(90);

  /** The tolerance between the API server's, a proxy's and Prometheus' clocks, and of uptimes. */
  private static final Duration SKEW = Duration.ofSeconds(30);

  private final PrometheusApi api;
  private final Set<String> speakers;
  private final Duration lag;

  /** Held while Prometheus is queried: readings of several windows share the answers. */
  private final ReentrantLock lock = new ReentrantLock();

  private final SeenPods seen = new SeenPods();
  private final Departures departures;

  /** The pods that went, and of which Prometheus has yet to tell when it scraped them last. */
  private final List<SeenPods.Gone> undecided = new ArrayList<>();

  /** What these break until then. */
  private final Map<WorkloadRef, Break> doubtful = new HashMap<>();

  private final Remembered<Break> breaks = new Remembered<>(Break::at);

  /** Those of workloads that served: they still did when they have no pods any more. */
  private final Remembered<Break> served = new Remembered<>(Break::at);

  /** By namespace, when this process noticed last that a server's pod, or proxy, ended unseen. */
  private final Map<String, Instant> noticed = new HashMap<>();

  /** By namespace, until when servers' pods that Prometheus tells of may have served unseen. */
  private final Map<String, Instant> told = new HashMap<>();

  private final Map<Duration, Instant> windows = new HashMap<>();
  private Duration longest = Duration.ZERO;
  private Instant asked = Instant.MIN;
  private boolean placed = true;

  /** When pods that are there, and are not even tried any more, were last scraped. */
  private final NavigableSet<Instant> left = new TreeSet<>();

  /** Whether any was not even tried in all that is read, though others of its workload are. */
  private boolean astray;

  /** The pods that proxies' statistics may be of whose labels contradict each other. */
  private Set<PodName> contradicted = Set.of();

  /**
   * Creates an empty watch.
   *
   * @param scrapeInterval of the proxies
   * @param speakers namespaces of ztunnels, besides the root namespace
   */
  ProxyWatch(PrometheusApi api, Duration scrapeInterval, Set<String> speakers) {
    this.api = api;
    this.speakers = speakers;
    this.lag = ScrapeCoverage.lag(scrapeInterval);
    this.departures = new Departures(api, lag);
  }

  /**
   * A break of a watch: the end of the time that was not seen, and its cause.
   *
   * @param reason null when Prometheus tells it anew
   */
  private record Break(Instant at, String why, Evidence.@Nullable Reason reason) {
    Break(Instant at, String why) {
      this(at, why, null);
    }

    Break later(Break other) {
      return other.at.isAfter(at) ? other : this;
    }
  }

  /** Returns whether a time was read from a replica that has nothing of it; others have. */
  boolean contradicts(Instant at) {
    lock.lock();
    try {
      return departures.contradicts(at);
    } finally {
      lock.unlock();
    }
  }

  /** Looks at the pods alone. */
  void look(MeshSnapshot facts, Instant now) {
    lock.lock();
    try {
      if (!seen.full()) {
        seen.look(facts, now);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queries what is new, and returns the watch of each server; {@code sampled} is not known here.
   *
   * @throws QueryResult.FailedQuery when Prometheus does not answer
   */
  Map<String, Map<WorkloadRef, Watch>> look(MeshSnapshot facts, Instant now, Duration window) {
    lock.lock();
    try {
      return watched(facts, now, window);
    } finally {
      lock.unlock();
    }
  }

  /** See {@link UnseenEnds}. */
  Function<String, Instant> endedUnseen(MeshSnapshot facts, Instant now, Duration window) {
    lock.lock();
    try {
      // Windows are remembered, and this one grows.
      watched(facts, now, Duration.ofHours(window.toHours() + 1));
      Map<String, Instant> ends = new HashMap<>(noticed);
      told.forEach((name, until) -> ends.merge(name, until, Departures::later));
      Instant known = toldFrom();
      return name -> {
        Instant until = Departures.later(ends.getOrDefault(name, Instant.EPOCH), known);
        return until.isAfter(now) ? now : until;
      };
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Map<WorkloadRef, Watch>> watched(
      MeshSnapshot facts, Instant now, Duration window) {
    windows.put(window, now);
    windows.values().removeIf(last -> last.plus(REMEMBERED).isBefore(now));
    longest = windows.keySet().stream().max(Comparator.naturalOrder()).orElse(window);
    seen.look(facts, now);
    // A reading of another window may have begun a little later, and come to its turn before.
    boolean due = asked.plus(SHARED_FOR).isBefore(now) || now.plus(SKEW).isBefore(asked);
    if (due || departures.knownFrom().isAfter(now.minus(window))) {
      scraped(facts, now);
      departures.read(now, longest);
      departures.forgetBefore(now.minus(longest).minus(lag));
      breaks.forgetBefore(now.minus(LONGEST));
      served.forgetBefore(now.minus(LONGEST));
      asked = now;
    }
    Map<PodName, List<Departures.Departure>> departed = departures.all();
    told.clear();
    left(facts, departed);
    gone(departed, now);
    noticed.values().removeIf(at -> at.isBefore(now.minus(LONGEST)));
    Map<String, Map<WorkloadRef, Watch>> watched = new HashMap<>();
    Map<String, List<PodName>> names = new HashMap<>();
    Map<PodName, List<Departures.Loss>> lost = departures.lost();
    Set<PodName> told = new HashSet<>(departed.keySet());
    told.addAll(lost.keySet());
    told.forEach(pod -> names.computeIfAbsent(pod.namespace(), n -> new ArrayList<>()).add(pod));
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      watched.put(
          namespace.name(),
          new Namespace(
                  namespace, now, names.getOrDefault(namespace.name(), List.of()), departed, lost)
              .watched());
    }
    withoutPods(facts, watched);
    return watched;
  }

  /** Adds the servers that have no pods any more, and were not watched to their end. */
  private void withoutPods(MeshSnapshot facts, Map<String, Map<WorkloadRef, Watch>> watched) {
    Map<String, Set<WorkloadRef>> serving = new HashMap<>();
    BiConsumer<WorkloadRef, Break> add =
        (workload, one) -> {
          NamespaceFacts namespace = facts.namespace(workload.namespace());
          if (namespace != null
              && !serving
                  .computeIfAbsent(namespace.name(), name -> serving(namespace))
                  .contains(workload)) {
            Break known = breaks.of(workload);
            Break last = known == null ? one : one.later(known);
            watched
                .getOrDefault(namespace.name(), new HashMap<>())
                .put(workload, new Watch(last.at(), true, last.reason(), last.why()));
          }
        };
    served.each(add);
    undecided.stream()
        .map(SeenPods.Gone::pod)
        .filter(ProxyWatch::served)
        .forEach(pod -> add.accept(pod.workload, doubtful.get(pod.workload)));
  }

  private static boolean served(SeenPods.Seen pod) {
    return pod.ran && pod.serves && pod.dataPlane != DataPlane.GATEWAY;
  }

  private static Set<WorkloadRef> serving(NamespaceFacts namespace) {
    return namespace.pods().stream()
        .filter(pod -> !pod.terminated() && pod.dataPlane() != DataPlane.GATEWAY)
        .map(Pod::workload)
        .collect(toSet());
  }

  /** Returns how many times without a watch are remembered. */
  int remembered() {
    return breaks.size() + served.size();
  }

  /** Records which proxies are scraped now. */
  private void scraped(MeshSnapshot facts, Instant now) {
    Map<PodName, Duration> proxies = new HashMap<>();
    placed = true;
    List<QueryResult.Series> told = api.query(PromQuery.PROXIES, lag, now).series();
    for (QueryResult.Series one : PodName.consistent(told)) {
      PodName pod = PodName.of(one);
      placed &= pod.known();
      proxies.put(pod, one.time());
    }
    Map<PodName, Instant> ztunnels = new HashMap<>();
    List<QueryResult.Series> builds = api.query(PromQuery.ZTUNNELS, lag, now).series();
    for (QueryResult.Series one : new Scrapes(facts, speakers).ofAll(builds)) {
      ztunnels.merge(PodName.of(one), Instant.EPOCH.plus(one.time()), Departures::later);
    }
    contradicted = PodName.contradicted(told);
    Map<String, Pod> byNode = new HashMap<>();
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        SeenPods.Seen known = seen.of(pod);
        if (known != null) {
          known.forgetAfter(now.plus(SKEW));
        }
        Instant last = known == null ? null : ztunnels.get(known.name);
        if (known != null && last != null) {
          byNode.merge(
              pod.node(),
              pod,
              (one, other) -> one.createdAt().isAfter(other.createdAt()) ? one : other);
          known.scraped = now;
          known.sampled = Departures.later(known.sampled, last);
        }
        Duration up = proxies.get(PodName.of(pod));
        // An uptime longer than the pod's age is that of an earlier pod of its name.
        if (known != null && up != null && !now.minus(up).isBefore(pod.createdAt().minus(SKEW))) {
          known.scraped(now, up);
          departures.scrapedAgain(known.name, known.created);
        }
      }
    }
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        if (pod.dataPlane() == DataPlane.AMBIENT) {
          ambient(pod, byNode.get(pod.node()), now);
        }
      }
    }
  }

  /** Records a pod without a proxy of its own, whose counters are those of its node's ztunnel. */
  private void ambient(Pod pod, @Nullable Pod ztunnel, Instant now) {
    SeenPods.Seen known = seen.of(pod);
    SeenPods.Seen proxy = ztunnel == null ? null : seen.of(ztunnel);
    if (known == null || ztunnel == null || proxy == null) {
      return;
    }
    known.scraped = now;
    Instant began = proxy.restarted;
    if (began == null && ztunnel.createdAt().isAfter(pod.createdAt())) {
      began = ztunnel.createdAt();
    } else if (began == null && ztunnel.proxyRestarts() > 0) {
      began = proxy.restarted = now; // at an unknown time before
    }
    SeenPods.Seen before = known.ztunnel;
    if (before != null && before != proxy && before.sampled.plus(lag).isBefore(now)) {
      began = now; // the one before may have gone on beside it, unseen
    }
    known.ztunnel = proxy;
    known.sampled = Departures.later(known.sampled, proxy.sampled);
    if (began != null && began.isAfter(pod.createdAt())) {
      known.restarted = known.restarted == null ? began : Departures.later(known.restarted, began);
    }
  }

  /**
   * Finds pods that go on, and whose targets are tried no more: what scrapes them is away, and
   * whoever it scraped last at the same time, and has ended, may have done so later, unseen. Once
   * it is back, {@link Departures} tells for how long it was away.
   */
  private void left(MeshSnapshot facts, Map<PodName, List<Departures.Departure>> departed) {
    left.clear();
    astray = false;
    for (NamespaceFacts namespace : facts.namespaces().values()) {
      astray |= astray(namespace, departed);
      for (Pod pod : namespace.pods()) {
        if (!pod.terminated()) {
          departed.getOrDefault(PodName.of(pod), List.of()).stream()
              .filter(one -> !one.at().isBefore(pod.createdAt()))
              .filter(one -> !one.tried().isAfter(one.at().plus(lag)))
              .forEach(one -> left.add(one.at()));
        }
      }
    }
  }

  /** Returns whether any pod was not even tried, while others of its workload are scraped. */
  private boolean astray(
      NamespaceFacts namespace, Map<PodName, List<Departures.Departure>> departed) {
    Set<WorkloadRef> untried =
        namespace.pods().stream()
            .filter(pod -> untried(pod, departed))
            .map(Pod::workload)
            .collect(toSet());
    return !untried.isEmpty()
        && namespace.pods().stream()
            .anyMatch(pod -> untried.contains(pod.workload()) && scraped(pod));
  }

  /**
   * Returns whether a pod was not scraped since this process looks on, nor tried in all that is
   * read of before.
   */
  private boolean untried(Pod pod, Map<PodName, List<Departures.Departure>> departed) {
    SeenPods.Seen known = pod.dataPlane() == DataPlane.SIDECAR ? seen.of(pod) : null;
    return known != null
        && known.scraped == null
        && known.ran
        && !known.created.plus(lag).isAfter(asked)
        && departed.getOrDefault(known.name, List.of()).stream()
            .allMatch(one -> one.tried().isBefore(known.created));
  }

  /** Returns the time before which who ended may have done so unseen, and be told by nobody. */
  private Instant toldFrom() {
    return astray ? Departures.later(departures.toldFrom(), seen.begun()) : departures.toldFrom();
  }

  private boolean scraped(Pod pod) {
    SeenPods.Seen known = seen.of(pod);
    return known != null && known.scraped != null && !known.scraped.isBefore(asked);
  }

  /** Returns until when a proxy that is gone may have accepted unseen calls; null when not. */
  private @Nullable Instant unseenUntil(Departures.Departure one) {
    Instant until = departures.unseenUntil(one);
    // A pod that this process has not seen had ended before it began to look.
    return until == null && mayGoOn(one, seen.begun()) ? seen.begun() : until;
  }

  /**
   * Returns whether what was scraped last with others that go on, and are tried no more, may have
   * ended as late as at its end: what scrapes it was away by then.
   */
  private boolean mayGoOn(Departures.Departure one, Instant end) {
    Instant near = left.ceiling(one.at().minus(lag));
    boolean away = near != null && !near.isAfter(one.at().plus(lag));
    return away && end.isAfter(one.at().plus(lag));
  }

  /** Breaks the watches of workloads of whose pods that went not all was seen. */
  private void gone(Map<PodName, List<Departures.Departure>> departed, Instant now) {
    List<SeenPods.Gone> all = new ArrayList<>(undecided);
    all.addAll(seen.takeGone());
    undecided.clear();
    doubtful.clear();
    for (SeenPods.Gone one : all) {
      SeenPods.Seen pod = one.pod();
      List<Departures.Departure> own = departed.getOrDefault(pod.name, List.of());
      boolean accounted = accounted(one, own);
      boolean waits = !accounted && waits(one, own, now);
      Instant lost = accounted ? pod.restarted : one.at();
      if (lost != null && pod.ran && pod.serves && pod.dataPlane.captured()) {
        (waits ? told : noticed).merge(pod.name.namespace(), lost, Departures::later);
      }
      Break broken =
          accounted ? begun(pod) : new Break(one.at(), unseen(one), Evidence.Reason.NOT_CONFIGURED);
      if (waits) {
        undecided.add(one);
        if (pod.ran) {
          doubtful.merge(pod.workload, broken, Break::later);
        }
      } else if (pod.ran && broken.at().isAfter(Instant.MIN)) {
        breaks.add(pod.workload, broken);
        if (served(pod)) {
          served.add(pod.workload, broken);
        }
      }
    }
  }

  /**
   * Returns whether a pod was scraped until it ended. One whose target was taken away while it went
   * on looks to Prometheus like one that ended.
   */
  private boolean accounted(SeenPods.Gone gone, List<Departures.Departure> departed) {
    SeenPods.Seen pod = gone.pod();
    if (pod.scraped == null || !pod.dataPlane.captured()) {
      return false;
    }
    return !last(pod, pod.scraped).plus(lag).isBefore(gone.at())
        || departed.stream()
            .anyMatch(one -> !one.at().plus(lag).isBefore(pod.there) && !mayGoOn(one, gone.at()));
  }

  /**
   * Returns when that was scraped last which counts what a pod accepted. A ztunnel goes on, and
   * with it the counters of a pod that went, unless it was started again or went, too, as with its
   * node.
   */
  private static Instant last(SeenPods.Seen pod, Instant scraped) {
    SeenPods.Seen ztunnel = pod.dataPlane == DataPlane.AMBIENT ? pod.ztunnel : null;
    if (ztunnel == null || (ztunnel.restarted != null && ztunnel.restarted.isAfter(scraped))) {
      return pod.sampled;
    }
    return ztunnel.sampled;
  }

  /**
   * Returns whether Prometheus may yet tell that a pod was scraped until it ended: it takes a last
   * sample for one of now, for minutes.
   */
  private boolean waits(SeenPods.Gone gone, List<Departures.Departure> departed, Instant now) {
    SeenPods.Seen pod = gone.pod();
    return pod.scraped != null
        && pod.dataPlane.captured()
        && undecided.size() < SeenPods.MOST_GONE
        && gone.at().plus(Departures.OVERLAP).isAfter(now)
        && departed.stream().allMatch(one -> one.at().plus(lag).isBefore(pod.sampled));
  }

  private static String unseen(SeenPods.Gone gone) {
    String name = gone.pod().name.name();
    return gone.pod().dataPlane.captured()
        ? "pod %s ended unseen before %s".formatted(name, gone.at())
        : "pod %s, which had no proxy, ran until %s".formatted(name, gone.at());
  }

  /** Returns since when all that a pod accepted is counted, if not since its creation. */
  private static Break begun(SeenPods.Seen pod) {
    String name = pod.name.name();
    Instant restarted = pod.restarted;
    Break begun =
        pod.captured.isAfter(pod.created)
            ? new Break(
                pod.captured,
                "pod %s is known to be captured since %s".formatted(name, pod.captured))
            : new Break(Instant.MIN, "");
    return restarted == null
        ? begun
        : begun.later(
            new Break(
                restarted,
                "the proxy of pod %s was started again at %s".formatted(name, restarted)));
  }

  /** The servers of one namespace. */
  private final class Namespace {
    private final Instant now;
    private final Map<WorkloadRef, List<Pod>> pods = new TreeMap<>();
    private final Map<WorkloadRef, List<Departures.Departure>> seenToTheEnd = new HashMap<>();
    private final Map<WorkloadRef, Break> unseen = new HashMap<>();

    /** Why not all counters of a workload are kept. */
    private final Map<WorkloadRef, String> partly = new HashMap<>();

    Namespace(
        NamespaceFacts facts,
        Instant now,
        List<PodName> names,
        Map<PodName, List<Departures.Departure>> departed,
        Map<PodName, List<Departures.Loss>> lost) {
      this.now = now;
      Map<String, Pod> byName = new HashMap<>();
      for (Pod pod : facts.pods()) {
        if (!pod.terminated()) {
          byName.put(pod.name(), pod);
          if (pod.dataPlane() != DataPlane.GATEWAY) {
            pods.computeIfAbsent(pod.workload(), w -> new ArrayList<>()).add(pod);
          }
        }
      }
      if (!names.isEmpty()) {
        PodWorkloads workloads = new PodWorkloads(facts);
        for (PodName name : names) {
          Pod there = byName.get(name.name());
          departed.getOrDefault(name, List.of()).stream()
              // A pod that still exists, and is scraped again, has lost nothing.
              .filter(one -> there == null || one.at().isBefore(there.createdAt()))
              .forEach(one -> departed(workloads.of(name.name()), name, one));
          for (Departures.Loss loss : lost.getOrDefault(name, List.of())) {
            WorkloadRef workload = there == null ? workloads.of(name.name()) : there.workload();
            String why = loss.why(name.name());
            unseen.merge(workload, new Break(loss.until(), why), Break::later);
            if (there != null && loss.lasts(now)) {
              partly.put(workload, why);
            }
          }
        }
      }
    }

    private void departed(WorkloadRef workload, PodName name, Departures.Departure one) {
      Instant until = unseenUntil(one);
      if (until == null) {
        seenToTheEnd.computeIfAbsent(workload, w -> new ArrayList<>()).add(one);
      } else {
        String why =
            "pod %s was scraped last at %s, and ended unseen".formatted(name.name(), one.at());
        unseen.merge(workload, new Break(until, why), Break::later);
        // What runs to its end takes no calls; not each of its pods is scraped.
        if (workload.lasting()) {
          told.merge(name.namespace(), until, Departures::later);
        }
      }
    }

    Map<WorkloadRef, Watch> watched() {
      Map<WorkloadRef, Watch> watched = new HashMap<>();
      pods.forEach(
          (workload, own) -> {
            if (own.stream().anyMatch(pod -> pod.dataPlane().captured())) {
              watched.put(workload, watch(workload, own));
            }
          });
      return watched;
    }

    private Watch watch(WorkloadRef workload, List<Pod> own) {
      List<String> blind = new ArrayList<>();
      List<String> bare = new ArrayList<>();
      Instant first = own.getFirst().createdAt();
      Break latest = new Break(Instant.MIN, "");
      for (Pod pod : own) {
        SeenPods.Seen known = seen.of(pod);
        first = pod.createdAt().isBefore(first) ? pod.createdAt() : first;
        if (pod.dataPlane() == DataPlane.NONE || known == null) {
          bare.add(pod.name());
        } else if (unscraped(pod)) {
          blind.add(pod.name());
        } else {
          latest = latest.later(begun(known));
          if (known.restarted != null && workload.lasting()) {
            told.merge(workload.namespace(), known.restarted, Departures::later);
          }
        }
      }
      if (!bare.isEmpty()) {
        return unwatched("these pods have no proxy: " + Blindness.words(bare));
      }
      if (!blind.isEmpty()) {
        return blind(workload, blind, own.getFirst().dataPlane() == DataPlane.AMBIENT);
      }
      String why = partly.get(workload);
      return why == null ? since(workload, first, latest) : unwatched(why);
    }

    private Watch blind(WorkloadRef workload, List<String> pods, boolean ambient) {
      if (ambient) {
        return unwatched(
            "Prometheus has no statistics of the ztunnel on the nodes of "
                + Blindness.words(pods)
                + ": let it scrape port 15020 of every ztunnel");
      }
      return placed
          ? unwatched(
              Blindness.unseen(pods)
                  + Blindness.contradicted(workload.namespace(), pods, contradicted))
          : new Watch(
              null,
              false,
              Evidence.Reason.LABEL_MISSING,
              Blindness.unseen(pods)
                  + "; some proxies' statistics have no labels namespace and pod: let the scrape"
                  + " configuration add them, as the one in Istio's samples does");
    }

    private static Watch unwatched(String detail) {
      return new Watch(null, false, Evidence.Reason.NOT_CONFIGURED, detail);
    }

    /**
     * Returns whether a pod is not scraped. A young one may not have been scraped yet; one without
     * an address, or whose proxy has never run, has accepted nothing.
     */
    private boolean unscraped(Pod pod) {
      return !ProxyWatch.this.scraped(pod)
          && !pod.ip().isEmpty()
          && !pod.proxyUnstarted()
          && pod.createdAt().plus(lag).isBefore(this.now);
    }

    private Watch since(WorkloadRef workload, Instant first, Break latest) {
      Instant begin = first;
      List<Departures.Departure> before =
          new ArrayList<>(seenToTheEnd.getOrDefault(workload, List.of()));
      before.sort(Comparator.comparing(Departures.Departure::at).reversed());
      for (Departures.Departure one : before) {
        if (one.begun().isBefore(begin) && !one.at().plus(lag).isBefore(begin)) {
          begin = one.begun();
        }
      }
      Break since = new Break(begin, "nothing is known of what served before");
      since = since.later(latest);
      Break broken = breaks.of(workload);
      since = broken == null ? since : since.later(broken);
      since = since.later(doubtful.getOrDefault(workload, since));
      since = since.later(unseen.getOrDefault(workload, since));
      Break read =
          new Break(
              departures.knownFrom(),
              departures.full()
                  ? "more pods with a proxy have ended before that than are remembered"
                  : "what ended before that is still being read");
      boolean all = departures.knownFrom().isBefore(now.minus(longest).plusSeconds(1));
      since = all ? since : since.later(read);
      if (toldFrom().isAfter(departures.knownFrom())) {
        since =
            since.later(
                new Break(
                    toldFrom(),
                    "who scrapes some of the proxies was away until then, or still is, and since"
                        + " when is not known: what ended before that may have ended unseen"));
      }
      List<Instant> ends = before.stream().map(Departures.Departure::at).toList();
      return new Watch(since.at(), false, since.reason(), since.why(), ends);
    }
  }
}
