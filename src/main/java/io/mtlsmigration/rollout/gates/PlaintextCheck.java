// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.RareClients;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.ServerWatch;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Nobody has sent plaintext for the whole window, by the servers' own account. One observed call
 * fails the gate, whatever else is missing; the absence of calls passes it only where they would
 * have been observed: each server captured, not STRICT, and watched for the whole window. The
 * plan's list of ignored clients does not apply: it says who may fail, not whose plaintext may be
 * disregarded.
 */
final class PlaintextCheck implements GateCheck {

  /** The maximum number of edges shown; there may be one for each address from outside. */
  private static final int SHOWN = 50;

  private record Rare(MeshSnapshot snapshot, PlanSpec spec, List<String> clients) {}

  private volatile @Nullable Rare latest;

  @Override
  public Gate gate() {
    return Gate.PLAINTEXT;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    ReachedServers reached = ReachedServers.of(context);
    if (!reached.plaintext().isEmpty()) {
      return clients(context, seen(context, reached));
    }
    GateResult unknown = unknown(context, reached);
    if (unknown != null) {
      return unknown;
    }
    return judged(context)
        ? judge(context)
        : pass(
            context,
            Reason.NOT_ASKED_FOR,
            "every namespace has been judged by its own evidence before it was locked, and nobody"
                + " has sent plaintext to another within the window");
  }

  @Override
  public Set<String> found(GateContext context, GateResult result) {
    List<Edge> found = new ArrayList<>(seen(context));
    if (runs(context)) {
      Connections connections = context.connections(false);
      found.addAll(counting(context, with(connections.edges(), context.traffic())));
    }
    return found.stream().map(PlaintextCheck::named).collect(Collectors.toSet());
  }

  private static String named(Edge edge) {
    return edge.client().id() + " to " + edge.server().id();
  }

  /** Returns whether others than those who were seen may have sent plaintext. */
  @Override
  public @Nullable GateResult unmeasured(GateContext context, GateResult result) {
    if (result.result() != GateResult.Result.FAIL) {
      return result.result() == GateResult.Result.INCONCLUSIVE ? result : null;
    }
    GateResult unknown = unknown(context, ReachedServers.of(context));
    if (unknown != null || !judged(context)) {
      return unknown;
    }
    GateResult silent = silent(context, context.traffic());
    if (runs(context) && silent.result() == GateResult.Result.PASS) {
      Connections connections = context.connections(false);
      NamespaceTraffic traffic = with(connections.edges(), context.traffic());
      silent = listed(context, silent, connections, traffic, found(context, result));
    }
    return silent.result() == GateResult.Result.PASS ? null : silent;
  }

  private @Nullable GateResult unknown(GateContext context, ReachedServers reached) {
    Evidence.Unavailable<NamespaceTraffic> unknown = reached.unknown();
    return unknown != null ? unavailable(context, unknown) : reached.old() ? tooOld(context) : null;
  }

  /** Returns whether something that was found is calls of clients that no source tells apart. */
  static boolean nameless(String found) {
    return found.startsWith(Caller.UNKNOWN.id() + " to ")
        || found.startsWith(Caller.OTHERS.id() + " to ");
  }

  private GateResult judge(GateContext context) {
    Evidence<NamespaceTraffic> evidence = context.traffic();
    GateResult counted;
    if (evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var ignored)) {
      GateResult seen = seen(context, traffic);
      counted = told(seen != null ? seen : silent(context, evidence), traffic.disowned());
    } else {
      counted = silent(context, evidence);
    }
    return connected(context, counted);
  }

  /** Returns the result of evidence that shows nobody, or whatever it shows beside somebody. */
  private GateResult silent(GateContext context, Evidence<NamespaceTraffic> evidence) {
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var ignored, var asOf) ->
          silent(context, evidence, asOf);
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) ->
          noSamples(context, asOf, detail);
      case Evidence.Unavailable<NamespaceTraffic> unavailable -> unavailable(context, unavailable);
    };
  }

  private GateResult unavailable(
      GateContext context, Evidence.Unavailable<NamespaceTraffic> unavailable) {
    return inconclusive(
        context,
        Reason.EVIDENCE_UNAVAILABLE,
        "traffic evidence is not available ("
            + Words.of(unavailable.reason())
            + "): "
            + unavailable.detail());
  }

  /**
   * Returns the result of the counts, unless a client is connected, or may be: a server may hold a
   * connection that nobody has looked for. Connections are read while a plan runs; before that,
   * nobody waits for them.
   */
  private GateResult connected(GateContext context, GateResult counted) {
    if (!runs(context)) {
      return counted;
    }
    Connections connections = context.connections(awaited(context, counted));
    if (counted.result() == GateResult.Result.FAIL) {
      return counted;
    }
    NamespaceTraffic traffic = with(connections.edges(), context.traffic());
    GateResult seen = seen(context, traffic);
    if (seen != null || counted.result() != GateResult.Result.PASS) {
      return seen != null ? seen : counted;
    }
    return listed(context, counted, connections, traffic, Set.of());
  }

  /**
   * Returns a result that passes, unless a server may hold a connection of others.
   *
   * @param known the clients, each to a server, that were found, whose connections tell nothing new
   */
  private GateResult listed(
      GateContext context,
      GateResult counted,
      Connections connections,
      NamespaceTraffic traffic,
      Set<String> known) {
    Set<WorkloadRef> servers =
        GovernedServers.of(context.facts(), context.spec().exceptions()).keySet();
    List<String> failing = words(connections.failing(), servers);
    if (!failing.isEmpty()) {
      return connecting(
          context,
          Reason.NOT_WATCHED,
          "cannot be read; where that lasts, delete the pod, or override this gate",
          failing);
    }
    List<String> unread = words(connections.unread(), servers);
    if (!unread.isEmpty()) {
      return connecting(context, Reason.WATCH_TOO_SHORT, "have yet to be read", unread);
    }
    List<String> doubtful =
        clients(
            connections.doubtful(),
            edge ->
                counts(context, edge)
                    && !excepted(context, traffic, edge)
                    && !known.contains(named(edge)),
            PlaintextCheck::named);
    if (!doubtful.isEmpty()) {
      return connecting(context, Reason.WATCH_TOO_SHORT, "have been seen once", doubtful);
    }
    List<String> taken =
        clients(
            traffic.plaintext(),
            edge -> excepted(context, traffic, edge),
            edge -> edge.client().id());
    return unseen(
        taken.isEmpty()
            ? counted
            : more(
                counted,
                "what " + Words.list(taken) + " holds open is taken to be to an excepted port",
                List.of()),
        words(connections.unreadable(), servers));
  }

  private static boolean runs(GateContext context) {
    return context.plan().phase() == PlanPhase.RUNNING && context.step().phase() != Phase.PENDING;
  }

  /** Returns whether the step locks servers: that of the mesh those of the root namespace. */
  private static boolean judged(GateContext context) {
    return !context.isMesh()
        || GovernedServers.of(context.facts(), context.spec().exceptions()).values().stream()
            .anyMatch(GovernedServers.Server::captured);
  }

  /** Returns what was counted, if anything was, and who is connected. */
  private static NamespaceTraffic with(List<Edge> open, Evidence<NamespaceTraffic> evidence) {
    List<Edge> edges = new ArrayList<>(open);
    if (evidence instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var ignored)) {
      edges.addAll(traffic.edges());
    }
    return new NamespaceTraffic(edges, 0, 0);
  }

  private static List<String> clients(
      List<Edge> edges, Predicate<Edge> wanted, Function<Edge, String> words) {
    return edges.stream().filter(wanted).map(words).distinct().sorted().toList();
  }

  private static GateResult more(GateResult counted, String words, List<String> evidence) {
    List<String> all = new ArrayList<>(counted.evidence());
    evidence.stream().limit(SHOWN).forEach(all::add);
    return new GateResult(
        counted.gate(),
        counted.result(),
        counted.reason(),
        counted.message() + "; " + words,
        all,
        counted.evaluatedAt());
  }

  /**
   * Returns whether nothing but connections is in the way: also where a person lets pass what is
   * counted, or that nothing is, for who is connected may be somebody else.
   */
  private static boolean awaited(GateContext context, GateResult counted) {
    return counted.result() == GateResult.Result.PASS
        || !context.overrides(Gate.PLAINTEXT).isEmpty()
        || (counted.result() == GateResult.Result.FAIL
            && seen(context).stream().allMatch(edge -> edge.source().equals(Connections.SOURCE)));
  }

  private GateResult connecting(
      GateContext context, Reason reason, String what, List<String> servers) {
    return new GateResult(
        gate(),
        GateResult.Result.INCONCLUSIVE,
        reason,
        "nobody was seen to send plaintext, but a stream may be open: connections at some servers "
            + what,
        servers.stream().limit(SHOWN).toList(),
        context.now());
  }

  /** Says what a gate that passes cannot see. */
  private static GateResult unseen(GateResult counted, List<String> servers) {
    return servers.isEmpty()
        ? counted
        : more(
            counted,
            "streams that have not ended do not show where connections cannot be read",
            servers);
  }

  private static List<String> words(Map<WorkloadRef, String> all, Set<WorkloadRef> servers) {
    return all.entrySet().stream()
        .filter(server -> servers.contains(server.getKey()))
        .map(server -> server.getKey().id() + ": " + server.getValue())
        .sorted()
        .toList();
  }

  /** Adds calls that are not believed to the evidence; they are reported all the same. */
  private static GateResult told(GateResult result, List<String> disowned) {
    if (disowned.isEmpty()) {
      return result;
    }
    List<String> evidence = new ArrayList<>(result.evidence());
    evidence.add(
        "pods of "
            + Words.list(disowned)
            + " export series about workloads here, which do not count: Prometheus scraped them"
            + " elsewhere, or cannot tell where");
    return new GateResult(
        result.gate(),
        result.result(),
        result.reason(),
        result.message(),
        evidence,
        result.evaluatedAt());
  }

  /** Returns a failure; null when nobody was seen to send plaintext. */
  private @Nullable GateResult seen(GateContext context, NamespaceTraffic traffic) {
    List<Edge> seen = counting(context, traffic);
    return seen.isEmpty() ? null : clients(context, seen);
  }

  private GateResult clients(GateContext context, List<Edge> seen) {
    List<String> evidence = new ArrayList<>();
    TreeSet<String> clients = new TreeSet<>();
    for (Edge edge : seen) {
      if (evidence.size() < SHOWN) {
        evidence.add(new Hold.Plaintext(edge).evidence() + untold(context, edge));
      }
      clients.add(edge.client().id());
    }
    int more = seen.size() - evidence.size();
    if (more > 0) {
      evidence.add(
          "and %s more: GET /api/v1/traffic?%ssecurity=plaintext"
              .formatted(
                  more, context.isMesh() ? "" : "namespace=" + context.facts().name() + "&"));
    }
    return fail(
        context,
        Reason.PLAINTEXT_CLIENTS,
        "plaintext still comes from " + Words.list(List.copyOf(clients)),
        evidence);
  }

  /** Returns the plaintext edges that fail the gate. */
  static List<Edge> seen(GateContext context) {
    return seen(context, ReachedServers.of(context));
  }

  private static List<Edge> seen(GateContext context, ReachedServers reached) {
    List<Edge> seen = new ArrayList<>(reached.plaintext());
    if (judged(context)
        && context.traffic()
            instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var ignored)) {
      seen.addAll(counting(context, traffic));
    }
    return seen;
  }

  /** Returns the time since when each server's silence counts, as the gate judges it. */
  static List<ServerWatch> servers(GateContext context) {
    return ServerWatches.of(context, context.traffic());
  }

  private static List<Edge> counting(GateContext context, NamespaceTraffic traffic) {
    return traffic.plaintext().stream()
        .filter(edge -> counts(context, edge) && !excepted(context, traffic, edge))
        .toList();
  }

  private GateResult noSamples(GateContext context, Instant asOf, String detail) {
    if (context.isOld(asOf)) {
      return tooOld(context);
    }
    if (context.spec().gates().noSamples() != PlanSpec.NoSamples.PASS) {
      return inconclusive(
          context,
          Reason.NO_SAMPLES,
          "no traffic was measured, so nobody can say that none is plaintext ("
              + detail
              + "); set noSamples to PASS for a namespace that is known to be idle");
    }
    GateResult rare = rare(context);
    return rare != null
        ? rare
        : pass(context, Reason.NO_SAMPLES, "no traffic, and the plan takes that as none");
  }

  private GateResult tooOld(GateContext context) {
    return inconclusive(context, Reason.EVIDENCE_UNAVAILABLE, "traffic evidence ends too long ago");
  }

  private GateResult silent(
      GateContext context, Evidence<NamespaceTraffic> evidence, Instant asOf) {
    if (context.isOld(asOf)) {
      return tooOld(context);
    }
    List<ServerWatch> servers = ServerWatches.of(context, evidence);
    List<ServerWatch> open = servers.stream().filter(server -> !server.holds()).toList();
    if (!open.isEmpty()) {
      return unwatched(context, open);
    }
    GateResult rare = rare(context);
    return rare != null
        ? rare
        : pass(context, Reason.HOLDS, "nobody has sent plaintext within the window");
  }

  /** Returns rare clients of the whole mesh: the same for every namespace, once a snapshot. */
  @SuppressWarnings("ReferenceEquality") // equals would walk the mesh
  private List<String> rareClients(MeshModes modes, PlanSpec spec) {
    MeshSnapshot snapshot = modes.snapshot();
    Rare known = latest;
    if (known == null || known.snapshot() != snapshot || !known.spec().equals(spec)) {
      known = new Rare(snapshot, spec, RareClients.of(modes, spec));
      latest = known;
    }
    return known.clients();
  }

  /** Returns null when every known client runs often enough to be observed. */
  @Nullable GateResult rare(GateContext context) {
    List<String> rare = rareClients(context.observation().modes(), context.spec());
    return rare.isEmpty()
        ? null
        : new GateResult(
            gate(),
            GateResult.Result.INCONCLUSIVE,
            Reason.CRON_JOB_PERIOD,
            "the window does not show every client: "
                + Words.list(rare)
                + "; lengthen it, or write the schedule in five fields, give those pods a proxy, or"
                + " name them in ignoreClients when they call nobody here",
            rare.stream().limit(SHOWN).toList(),
            context.now());
  }

  /** Puts a reason that somebody can resolve first, then one that waiting does not resolve. */
  private GateResult unwatched(GateContext context, List<ServerWatch> open) {
    ServerWatch worst =
        open.stream()
            .min(
                Comparator.comparing((ServerWatch server) -> TimedReasons.has(server.reason()))
                    .thenComparing(server -> server.enoughAt() != null))
            .orElseThrow();
    Instant enough =
        open.stream()
            .map(ServerWatch::enoughAt)
            .filter(Objects::nonNull)
            .max(Comparator.naturalOrder())
            .orElse(null);
    String message =
        "nobody was seen to send plaintext, but not every server was watched for "
            + context.spec().gates().plaintextWindow()
            + ": "
            + worst
            + (worst.enoughAt() == null || enough == null
                ? ""
                : "; the gate can pass at " + enough + " at the earliest")
            + (worst.reason() == Reason.NO_SAMPLES
                ? "; set noSamples to PASS for a namespace that is known to be idle"
                : "");
    GateResult last = context.step().gate(gate());
    if (last != null
        && context.step().overrides().isEmpty()
        && last.says(GateResult.Result.INCONCLUSIVE, worst.reason(), message)) {
      // It would be kept in place of this one; the sentences of many servers need not be made.
      return last;
    }
    return new GateResult(
        gate(),
        GateResult.Result.INCONCLUSIVE,
        worst.reason(),
        message,
        open.stream().limit(SHOWN).map(ServerWatch::toString).toList(),
        context.now());
  }

  private static boolean counts(GateContext context, Edge edge) {
    return GovernedServers.counts(
        facts(context, edge), context.spec().exceptions(), edge.server(), edge.port());
  }

  private static NamespaceFacts facts(GateContext context, Edge edge) {
    NamespaceFacts other =
        context.observation().modes().snapshot().namespace(edge.server().namespace());
    return other == null ? context.facts() : other;
  }

  /**
   * Returns whether a connection without a known port is that of a client which calls the same
   * server at an excepted port, by its lines.
   */
  private static boolean excepted(GateContext context, NamespaceTraffic traffic, Edge edge) {
    return edge.port() == 0
        && edge.source().equals(Connections.SOURCE)
        && traffic.plaintext().stream()
            .anyMatch(
                other ->
                    other.port() != 0
                        && !other.source().equals(Connections.SOURCE)
                        && other.server().equals(edge.server())
                        && edge.client().workload() != null
                        && edge.client().workload().equals(other.client().workload())
                        && !counts(context, other));
  }

  /** Explains a missing port: a log has it when the connection ends; ztunnel alone earlier. */
  private static String untold(GateContext context, Edge edge) {
    boolean open = edge.open() > 0 && edge.port() == 0;
    return open
            && ExceptionCover.of(facts(context, edge), context.spec().exceptions())
                .touches(edge.server(), edge.port())
        ? "; to which port is not told while it is open"
            + (edge.source().equals(Connections.SOURCE)
                ? ""
                : ", unless ztunnel lists it (within minutes, docs/ambient.md)")
            + ": end it, and the log says whether it is the excepted one"
        : namesake(context, edge);
  }

  /** Explains a missing kind: a line has it, which is of a pod; metrics have a name alone. */
  private static String namesake(GateContext context, Edge edge) {
    String name = edge.server().name();
    List<String> servers =
        ExceptionCover.servers(facts(context, edge), edge.server(), edge.port()).stream()
            .map(Pod::workload)
            .map(server -> server.kind() + (server.name().equals(name) ? "" : " " + server.name()))
            .distinct()
            .sorted()
            .toList();
    return servers.size() < 2
        ? ""
        : "; which of that name took it ("
            + Words.list(servers)
            + ") only access logs tell: an exception counts here when each of them has one";
  }
}
