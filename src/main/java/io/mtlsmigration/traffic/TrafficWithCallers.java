// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Completes counted traffic from access logs: the address of a client without a name, such as one
 * without a proxy, and the port that was called, which Istio's metrics never have. Only counted
 * traffic is completed, line by line; what no line accounts for stays counted without a port, so
 * that no unread client is lost. The service's own probes are identified by their lines only.
 */
public final class TrafficWithCallers implements TrafficRecord {

  /** The source of edges whose clients the access logs name. */
  private static final String SOURCE = "access-log";

  /** The source of edges that are known only from ztunnel's open connections. */
  private static final String OPEN_SOURCE = "ztunnel";

  /** The minimum age of connections that are counted as open (open_connections.promql). */
  private static final Duration OPEN = Duration.ofMinutes(2);

  private final TrafficRecord counts;
  private final CallerRecord callers;
  private final Duration scrapeInterval;

  /**
   * @param scrapeInterval interval of the source that counts: its counts may be two intervals older
   *     than the window, and the lines of that time account for them too
   */
  public TrafficWithCallers(TrafficRecord counts, CallerRecord callers, Duration scrapeInterval) {
    this.counts = counts;
    this.callers = callers;
    this.scrapeInterval = scrapeInterval;
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    return new Named(counts.read(now, window));
  }

  private final class Named extends CompletedReading {

    /** By namespace, because gates, hazards and impact of one observation all ask. */
    private final Map<String, Evidence<NamespaceTraffic>> known = new ConcurrentHashMap<>();

    Named(TrafficReading counted) {
      super(counted);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return known.computeIfAbsent(namespace, this::look);
    }

    private Evidence<NamespaceTraffic> look(String namespace) {
      Evidence<NamespaceTraffic> evidence = counted.of(namespace);
      return evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
              && traffic.edges().stream().anyMatch(TrafficWithCallers::portless)
          ? named(traffic, asOf)
          : evidence;
    }

    private Evidence<NamespaceTraffic> named(NamespaceTraffic traffic, Instant asOf) {
      List<Edge> edges = new ArrayList<>();
      Map<WorkloadRef, List<Edge>> portless = new LinkedHashMap<>();
      for (Edge edge : traffic.edges()) {
        if (portless(edge)) {
          portless.computeIfAbsent(edge.server(), s -> new ArrayList<>()).add(edge);
        } else {
          edges.add(edge);
        }
      }
      Map<WorkloadRef, Watch> worth = new HashMap<>(traffic.watched());
      for (Map.Entry<WorkloadRef, List<Edge>> one : portless.entrySet()) {
        Set<WorkloadRef> servers = new TreeSet<>(Set.of(one.getKey()));
        // Metrics name no kind: whichever workload of that name was called is counted here.
        traffic.watched().keySet().stream()
            .filter(other -> other.id().equals(one.getKey().id()) && !portless.containsKey(other))
            .forEach(servers::add);
        // Logs are read on: what is told of lines has to hold before and after they are looked at.
        Map<WorkloadRef, LinesRead> before = new HashMap<>();
        servers.forEach(each -> before.put(each, callers.lines(each)));
        List<Edge> split = split(servers, one.getValue(), asOf);
        edges.addAll(split);
        if (!split.equals(one.getValue())) {
          boolean connections = one.getValue().stream().anyMatch(edge -> !http(edge));
          for (WorkloadRef each : servers) {
            LinesRead after = callers.lines(each);
            LinesRead lines = before.getOrDefault(each, after).and(after);
            worth.computeIfPresent(each, (server, watch) -> bounded(watch, lines, connections));
          }
        }
      }
      return new Evidence.Measured<>(traffic.withEdges(edges, worth), asOf);
    }

    /**
     * Bounds a watch by the lines that were read. Lines begin two scrapes before the counts and
     * continue after them. Therefore their number does not prove that each call had one; only that
     * all of them were read does.
     */
    private Watch bounded(Watch watch, LinesRead lines, boolean connections) {
      Instant since = lines.since(connections);
      LineLoss lost = lines.recurring(asOf(), window(), connections).orElse(null);
      if (watch.since() == null) {
        return watch;
      }
      if (since == null) {
        return unread(watch, null, lines, null, lines.detail());
      }
      // Nobody has followed a pod that ended before; the time of that is known to half a minute.
      Instant left =
          watch.ends().stream()
              .filter(end -> end.isBefore(lines.followed().plusSeconds(30)))
              .max(Comparator.naturalOrder())
              .map(end -> end.plus(scrapeInterval.multipliedBy(2)).plusSeconds(30))
              .orElse(since);
      if (left.isAfter(since)) {
        return unread(watch, left, lines, lost, "logs of pods that had ended before are gone");
      }
      return unread(watch, since, lines, lost, lines.detail(connections));
    }

    private Watch unread(
        Watch watch,
        @Nullable Instant since,
        LinesRead lines,
        @Nullable LineLoss lost,
        String detail) {
      Instant known = watch.since();
      Instant until = since == null ? null : lines.until();
      if (since != null && known != null && !since.isAfter(known)) {
        return new Watch(
            known,
            watch.sampled(),
            watch.reason(),
            watch.detail(),
            watch.ends(),
            watch.counted(),
            until,
            null);
      }
      LinesRead.Gap gap = lost == null ? null : lines.gaps().get(lost);
      LinesRead.Gap leftOut = lines.gaps().get(LineLoss.LEFT_OUT);
      return new Watch(
          since,
          watch.sampled(),
          leftOut != null && leftOut.since().equals(since)
              ? Evidence.Reason.NOT_CONFIGURED // whoever reads the logs next does not know of it
              : Evidence.Reason.WINDOW_NOT_COVERED,
          "it took plaintext that nothing but lines of access logs tells from calls to other"
              + " ports, and not all of them were read: "
              + (lost == null || gap == null
                  ? detail + ". Where that comes again and again,"
                  : gap.detail() + ". That comes again and again: " + lost.remedy() + ", or")
              + " except the workload as a whole, or override the gate (docs/deployment.md, Who"
              + " sends plaintext, by name)",
          watch.ends(),
          watch.counted(),
          until,
          lost);
    }

    /**
     * Splits the counts of servers of one name into edges of clients known by lines, and the
     * remainder.
     */
    private List<Edge> split(Set<WorkloadRef> servers, List<Edge> counted, Instant asOf) {
      Map<Who, List<Edge>> groups = new LinkedHashMap<>();
      for (Edge edge : counted) {
        Who who = new Who(edge.client().workload(), http(edge));
        groups.computeIfAbsent(who, w -> new ArrayList<>()).add(edge);
      }
      // Lines are known to the minute.
      Instant from = asOf.minus(window()).truncatedTo(ChronoUnit.MINUTES);
      Instant to = asOf.truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
      Map<Who, Long> lines = new HashMap<>();
      Map<Who, Long> listed = new HashMap<>();
      Map<Told, Long> open = new HashMap<>();
      Map<Told, SeenCaller> told = new LinkedHashMap<>();
      for (WorkloadRef server : servers) {
        for (SeenCaller seen :
            callers.plaintext(server, from.minus(scrapeInterval.multipliedBy(2)), to)) {
          lines.merge(Who.of(seen, groups.keySet()), seen.count(), Long::sum);
        }
        // Whatever was seen is told: a line that a clock dates after the counts as well.
        for (SeenCaller seen : callers.plaintext(server, from, Instant.MAX)) {
          told.merge(Told.of(server, seen), seen, SeenCaller::and);
        }
        for (SeenCaller seen : open(server, counted, asOf)) {
          listed.merge(Who.of(seen, groups.keySet()), seen.count(), Long::sum);
          open.merge(Told.of(server, seen), seen.count(), Long::sum);
          told.merge(Told.of(server, seen), seen, SeenCaller::and);
        }
      }
      List<Edge> edges = new ArrayList<>();
      told.forEach(
          (of, seen) -> {
            // A client that is counted under another name, which it may choose, is told as well.
            List<Edge> alike = groups.get(Who.of(seen, groups.keySet()));
            String protocol =
                alike != null ? alike.getFirst().protocol() : seen.http() ? "http" : "tcp";
            edges.add(told(seen, of.server(), protocol, open.getOrDefault(of, 0L)));
          });
      groups.forEach(
          (who, alike) ->
              edges.addAll(left(alike, lines.getOrDefault(who, 0L), listed.getOrDefault(who, 0L))));
      return edges;
    }

    /** Returns connections that were open before the oldest sample of the open count. */
    private List<SeenCaller> open(WorkloadRef server, List<Edge> counted, Instant asOf) {
      return counted.stream().anyMatch(edge -> edge.open() > 0)
          ? callers.open(server, asOf.minus(OPEN).minus(scrapeInterval.multipliedBy(2)))
          : List.of();
    }

    /**
     * Returns the remainder. Open connections have no line yet, so they remain whatever other lines
     * say.
     *
     * @param listed number of open connections whose destination is known
     */
    private static List<Edge> left(List<Edge> counted, long lines, long listed) {
      List<Edge> left = new ArrayList<>();
      long more = lines + listed;
      long untold = listed;
      for (Edge edge : counted) {
        long open = Math.max(0, edge.open() - untold);
        untold = Math.max(0, untold - edge.open());
        long count = Math.max(open, edge.count() - more);
        more = Math.max(0, more - edge.count());
        if (count > 0 || edge.ownProbes() > 0) {
          left.add(edge.withCount(Math.max(0, count), open));
        }
      }
      return left;
    }
  }

  /** The subject of a count: a client by name, or all without one, and the kind of traffic. */
  private record Who(@Nullable WorkloadRef client, boolean http) {

    /** Returns the subject of a line: clients with a proxy are counted by name, others are not. */
    static Who of(SeenCaller seen, Set<Who> counted) {
      Who named = new Who(seen.client().workload(), seen.http());
      return counted.contains(named) ? named : new Who(null, seen.http());
    }
  }

  /** The key by which lines and open connections are combined. */
  private record Told(WorkloadRef server, Caller client, int port, boolean http, boolean own) {

    static Told of(WorkloadRef server, SeenCaller seen) {
      return new Told(server, seen.client(), seen.port(), seen.http(), seen.own());
    }
  }

  private static Edge told(SeenCaller seen, WorkloadRef server, String protocol, long open) {
    return new Edge(
        seen.client(),
        server,
        seen.port(),
        protocol,
        Edge.Security.PLAINTEXT,
        seen.own() ? 0 : seen.count(),
        seen.own() ? seen.count() : 0,
        seen.firstSeen(),
        seen.lastSeen(),
        seen.count() == open ? OPEN_SOURCE : SOURCE,
        open);
  }

  /** Returns whether an edge is plaintext whose port the source does not know. */
  private static boolean portless(Edge edge) {
    return edge.security() == Edge.Security.PLAINTEXT && edge.count() > 0 && edge.port() == 0;
  }

  private static boolean http(Edge edge) {
    return !edge.protocol().equals("tcp");
  }
}
