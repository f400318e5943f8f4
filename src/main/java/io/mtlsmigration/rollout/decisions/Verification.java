// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RefusedCall;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.HeldConnections;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import io.mtlsmigration.rollout.gates.ProbeCover;
import io.mtlsmigration.rollout.gates.TrustedProbers;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Judges a lock by its effects: no client is harmed, and clients that should be refused are
 * refused.
 *
 * <p>Harm needs positive evidence, and evidence that can be chance (one failed probe, one 503)
 * needs to be repeated. "No harm" needs all of it, taken after old connections have drained.
 */
public final class Verification {

  /** The clock difference allowed between this machine and proxies, which write the logs. */
  private static final Duration SKEW = Duration.ofSeconds(2);

  /**
   * The time after which a repeated refusal counts as a client's. A probe of ours without a
   * reported end may be refused long after it began, but only once; a client continues to call.
   * Therefore a refusal that may be either counts when there is another one this much later. Probes
   * that were delayed together run together, within seconds.
   */
  private static final Duration REPEATED = Duration.ofSeconds(30);

  /** The minimum patience for evidence; otherwise {@link #VERIFICATIONS} times the duration. */
  private static final Duration PATIENCE = Duration.ofHours(6);

  private static final int VERIFICATIONS = 6;

  /** The longest pause before another look for what the next probe or reading may tell. */
  private static final Duration AGAIN = Duration.ofSeconds(30);

  /** The inverse of that pause as a share of the duration, where this is shorter. */
  private static final int LOOKS = 20;

  /** The pause after which waiting starts anew: missing evidence may arrive in a minute. */
  private static final Duration AWAY = Duration.ofHours(1);

  /** The longest time whose failures are judged, so that calls from before it are totalled too. */
  private static final Duration COMPARED = NamespaceTraffic.TOTALS.dividedBy(2);

  private final GateContext context;
  private final Suspicion before;
  private final Instant from;
  private final Instant drained;
  private final @Nullable SetBack setBack;
  private final Watched watched;
  private final Instant harmFrom;
  private final IgnoredClients ignored;

  /** Before this there is no whole verification without a known gap. */
  private Instant earliest;

  private final Map<Cell.Key, Instant> failing = new HashMap<>();
  private final Map<String, Long> failures = new HashMap<>();
  private final Map<String, Instant> unproven = new TreeMap<>();
  private final Map<String, Whole> whole = new HashMap<>();
  private final Map<String, Watched> compared = new HashMap<>();
  private @Nullable String lost;
  private @Nullable String doubt;
  private @Nullable String awaited;
  private final TreeSet<String> silent = new TreeSet<>();
  private final TreeSet<String> idle = new TreeSet<>();
  private final TreeSet<String> untold = new TreeSet<>();
  private final List<String> leftOut = new ArrayList<>();
  private int tolerated;
  private int reached;
  private boolean saw;

  private Verification(GateContext context, Suspicion before) {
    this.context = context;
    this.before = before;
    this.from = from(context.step());
    this.drained = from.plus(context.limits().drain());
    this.setBack = SetBack.of(from, context.now(), before.setBack());
    this.watched = Watched.of(from, context.now(), context.limits().watchGap(), before.watched());
    this.harmFrom = harmFrom();
    this.ignored = IgnoredClients.of(context.spec());
    this.whole.putAll(before.whole());
    this.compared.putAll(before.compared());
    this.compared.values().removeIf(known -> known.latest().isBefore(from));
    Duration duration = context.spec().verification().duration();
    this.earliest = from.plus(duration);
    this.whole
        .values()
        .removeIf(known -> !known.since().equals(from) || !known.duration().equals(duration));
  }

  /** The verdict on a lock. Closed set. */
  public sealed interface Verdict {
    /** Positive evidence of harm. */
    record Failed(Reason reason, String message, Map<String, String> evidence) implements Verdict {}

    /** Nothing is wrong so far. */
    record Running(String message) implements Verdict {}

    /**
     * The time is over, but evidence is missing or in doubt: verification continues.
     *
     * @param until when a whole duration may be without a gap; soon where the next probe may tell
     */
    record Insufficient(Reason reason, String message, Instant until) implements Verdict {}

    /** The same for so long that the missing evidence is not going to arrive by itself. */
    record Endless(Reason reason, String message) implements Verdict {}

    record Passed(Map<String, String> evidence) implements Verdict {}
  }

  /**
   * Harm that this process has seen and has not confirmed yet. A new leader needs one round more;
   * failed probes are in the step's record too, for it may be unable to make them.
   *
   * @param failing failed probes, and when each was first seen to fail
   * @param failures failed calls of mesh clients by namespace, where they are above the limit
   * @param unproven who was refused from where a probe of ours may have come, and when first
   * @param whole namespaces of which every refusal was known for a whole verification, and from
   *     when on; logs of a large mesh are never all without a gap at the same time
   * @param compared namespaces whose failures were compared with those before, and since when
   *     without a break
   * @param setBack null while this machine's clock has not run backwards
   * @param looked null at the first look
   * @param watched null at the first look
   */
  public record Suspicion(
      Map<Cell.Key, Instant> failing,
      Map<String, Long> failures,
      Map<String, Instant> unproven,
      Map<String, Whole> whole,
      Map<String, Watched> compared,
      @Nullable SetBack setBack,
      @Nullable Looked looked,
      @Nullable Watched watched) {
    public static final Suspicion NONE =
        new Suspicion(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), null, null, null);

    public Suspicion {
      failing = Map.copyOf(failing);
      failures = Map.copyOf(failures);
      unproven = Map.copyOf(unproven);
      whole = Map.copyOf(whole);
      compared = Map.copyOf(compared);
    }
  }

  /**
   * Every refusal of a namespace was known for a whole verification: later gaps are forgiven.
   *
   * @param silent servers that logged no connection: of these nothing was known, and a gap is only
   *     forgiven while they log none
   */
  record Whole(Instant since, Duration duration, Set<String> silent) {
    public Whole {
      silent = Set.copyOf(silent);
    }
  }

  /**
   * The time for which this process has looked without a break; only this time counts as waiting
   * for evidence.
   */
  record Looked(Instant since, Instant latest) {
    static Looked of(Instant now, @Nullable Looked before) {
      return before == null || before.latest.plus(AWAY).isBefore(now) || now.isBefore(before.latest)
          ? new Looked(now, now)
          : new Looked(before.since, now);
    }
  }

  /**
   * The time for which this process has judged without a break, by its own clock. Refusals are
   * looked for in the last of its time alone: what a process before it saw is unknown, and so is
   * how long a clock that was set forward really ran.
   */
  record Watched(Instant since, Instant latest) {
    static Watched of(Instant from, Instant now, Duration gap, @Nullable Watched before) {
      Instant last = before == null ? from : before.latest;
      boolean broken = last.plus(gap).isBefore(now) || now.plus(SKEW).isBefore(last);
      return new Watched(broken ? now : before == null ? from : before.since, now);
    }
  }

  /**
   * A setback of this machine's clock behind the time from which harm counts.
   *
   * @param from the time from which harm counts
   * @param at the earliest time that was seen since
   */
  record SetBack(Instant from, Instant at) {
    public static @Nullable SetBack of(Instant from, Instant now, @Nullable SetBack before) {
      SetBack known = before != null && before.from().equals(from) ? before : null;
      return now.isBefore(from) && (known == null || now.isBefore(known.at()))
          ? new SetBack(from, now)
          : known;
    }
  }

  /**
   * The result of one look at a lock.
   *
   * @param step the step with the calls that fail
   */
  public record Judgement(Verdict verdict, Suspicion suspicion, StepRecord step) {}

  public static Judgement judge(GateContext context, Suspicion before) {
    Verification run = new Verification(context, before);
    Verdict verdict = run.verdict();
    Looked looked = Looked.of(context.now(), before.looked());
    return new Judgement(
        run.patient(verdict, looked),
        new Suspicion(
            run.failing,
            run.failures,
            run.unproven,
            run.whole,
            run.compared,
            run.setBack,
            looked,
            run.watched),
        run.kept());
  }

  private StepRecord kept() {
    Map<RefusedCall, Instant> calls = new HashMap<>();
    failing.forEach((key, first) -> calls.put(RefusedCall.of(key), first));
    return FailedCalls.kept(context, harmFrom, calls);
  }

  private Verdict patient(Verdict verdict, Looked looked) {
    Instant begun = context.step().since();
    Duration some = context.spec().verification().duration().multipliedBy(VERIFICATIONS);
    Duration patience = some.compareTo(PATIENCE) < 0 ? PATIENCE : some;
    Instant waited = looked.since().isAfter(begun) ? looked.since() : begun;
    if (!context.now().isAfter(waited.plus(patience))) {
      return verdict;
    }
    String words = "; verification has gone on since " + begun + " and does not come to an end";
    Instant until = context.step().verifyingUntil();
    return switch (verdict) {
      case Verdict.Insufficient(var reason, var message, var again) ->
          new Verdict.Endless(reason, message + words);
      case Verdict.Running(var message) when until != null && !context.now().isBefore(until) ->
          new Verdict.Endless(Reason.EVIDENCE_LOST, message + words);
      default -> verdict;
    };
  }

  /** Returns when harm begins to count: the write, or a person's request to verify again. */
  private static Instant from(StepRecord step) {
    Instant written = step.lastWrite();
    return written == null || step.asked() ? step.since() : written;
  }

  /** Returns the same time by the clocks of others, and by this one's when it runs behind. */
  private Instant harmFrom() {
    Instant own = context.step().lastWrite();
    Instant theirs = from.equals(own) ? locked(from).minus(SKEW) : from;
    Instant back = setBack == null ? theirs : setBack.at().minus(SKEW);
    return back.isBefore(theirs) ? back : theirs;
  }

  /** Returns the time from which clients may be refused: later writes refuse no more. */
  private Instant locked(Instant last) {
    return context.step().ledger().stream()
        .filter(entry -> entry.purpose() == PolicyChange.Purpose.LOCK)
        .map(LedgerEntry::writtenAt)
        .filter(at -> !at.isAfter(last))
        .max(Comparator.naturalOrder())
        .orElse(last);
  }

  private Verdict verdict() {
    List<NamespaceFacts> subjects = subjects();
    Verdict harm = null;
    for (NamespaceFacts facts : subjects) {
      saw = false;
      harm = harm == null ? traffic(facts.name()) : harm;
      harm = harm == null ? probes(facts) : harm;
      if (decides(facts.name())) {
        silence(facts.name());
      }
    }
    if (harm != null) {
      return harm;
    }
    if (context.isMesh()
        && reached == 0
        && required()
        && subjects.stream().anyMatch(facts -> cover(facts).any())) {
      lost = "no client with a proxy has probed since old connections have drained";
    }
    String unwatched = unwatched();
    if (lost == null && context.stale()) {
      // Servers, endpoints and clients may be others by now.
      lost =
          "the mesh was last seen as a whole at "
              + context.observation().modes().snapshot().observedAt();
    }
    if (lost == null) {
      lost = context.observation().clocksApart().orElse(unwatched);
    }
    if (lost == null) {
      lost = FailedCalls.untold(context, harmFrom);
    }
    return context.now().isBefore(from) ? behind() : ended();
  }

  /** Returns what is missing while this process has not watched for a whole verification. */
  private @Nullable String unwatched() {
    if (!watched.since().isAfter(from)) {
      return null;
    }
    Instant end = notBefore(watched.since());
    return end.isAfter(context.now())
        ? "this process has watched without a break since "
            + watched.since()
            + " only (another one led before it, it stood still, or its clock was set), so this"
            + " takes until "
            + end
            + " at the earliest"
        : null;
  }

  /** Returns when a gap is a whole verification old, before which none ends. */
  private Instant notBefore(Instant gap) {
    Instant end = gap.plus(context.spec().verification().duration());
    earliest = end.isAfter(earliest) ? end : earliest;
    return end;
  }

  /** Returns when to judge again: no later than what is missing may be there. */
  private Instant again() {
    Duration duration = context.spec().verification().duration();
    Duration share = duration.dividedBy(LOOKS);
    Instant soon = context.now().plus(share.compareTo(AGAIN) < 0 ? share : AGAIN);
    Instant next = earliest.isAfter(context.now()) ? earliest : soon;
    // Later than the first end, by which the step is known to have been extended.
    Instant first = context.step().since().plus(duration);
    return next.isAfter(first) ? next : first.plusMillis(1);
  }

  /** Returns a verdict while the clock is behind and says nothing about this lock. */
  private Verdict behind() {
    String words =
        "the clock here says "
            + context.now()
            + ", which is before the time from which harm counts ("
            + from
            + "): whether old connections have drained is not known";
    Instant until = context.step().verifyingUntil();
    Duration duration = context.spec().verification().duration();
    boolean waits =
        until == null
            || (context.now().isBefore(until) && !until.isAfter(context.now().plus(duration)));
    return waits
        ? new Verdict.Running(words)
        : new Verdict.Insufficient(Reason.EVIDENCE_LOST, words, context.now().plus(duration));
  }

  private Verdict ended() {
    Instant planned = context.step().verifyingUntil();
    // The plan may ask for a longer verification since this one began.
    Instant whole = from.plus(context.spec().verification().duration());
    Instant until = planned == null || planned.isAfter(whole) ? planned : whole;
    if (until == null || context.now().isBefore(until)) {
      return new Verdict.Running(doubt != null ? doubt : harmless(until));
    }
    if (lost != null) {
      return new Verdict.Insufficient(Reason.EVIDENCE_LOST, lost, again());
    }
    if (doubt != null) {
      return new Verdict.Insufficient(Reason.NOT_ENFORCED, doubt, again());
    }
    return awaited == null ? new Verdict.Passed(evidence()) : new Verdict.Running(awaited);
  }

  private String harmless(@Nullable Instant until) {
    String words = "nobody is harmed so far; verified until " + until;
    return lost != null && context.step().extended(context.spec().verification().duration())
        ? words + "; that is later than planned, since something is missing: " + lost
        : words;
  }

  private Map<String, String> evidence() {
    Map<String, String> evidence = new TreeMap<>();
    evidence.put("from", from.toString());
    evidence.put("until", context.now().toString());
    evidence.put("refusals", Integer.toString(tolerated));
    if (!silent.isEmpty()) {
      evidence.put(
          "accessLogs",
          "no connection is logged by "
              + Words.list(List.copyOf(silent))
              + ": nobody called, or access logging is off there; verified by probes and by what"
              + " clients' proxies count");
    }
    if (!leftOut.isEmpty()) {
      evidence.put("notProbed", Words.list(leftOut));
    }
    if (!context.spec().gates().probes()) {
      evidence.put("probes", "the plan asks for none");
    } else if (!required()) {
      evidence.put("probes", "not required: somebody let the gate pass");
    }
    if (!idle.isEmpty()) {
      evidence.put(
          "idle",
          "nobody called "
              + Words.list(List.copyOf(idle))
              + ", which the plan says is idle; that STRICT is in force there is istiod's word");
    }
    if (!untold.isEmpty()) {
      evidence.put(
          "openConnections",
          "plaintext to "
              + Words.list(List.copyOf(untold))
              + " goes on, and is not counted by port: to ports that stay open, or over connections"
              + " from before the lock");
    }
    if (!unproven.isEmpty()) {
      evidence.put(
          "unproven",
          Words.list(List.copyOf(unproven.keySet()))
              + ", refused once from a port that probes come from, and not again");
    }
    return evidence;
  }

  /** Returns whether this step's policy decides the mode of a namespace. */
  private boolean decides(String namespace) {
    return !context.isMesh() || MeshReach.inherits(context.observation().modes(), namespace);
  }

  /** Requires that some call, connection or probe was seen: silence proves nothing. */
  private void silence(String namespace) {
    if (saw) {
      return;
    }
    if (context.spec().gates().noSamples() == PlanSpec.NoSamples.PASS
        && context.observation().sync(namespace) instanceof ProxySync.Status.Synced) {
      idle.add(namespace);
      return;
    }
    lost =
        "nothing is seen of "
            + namespace
            + ": no call over mutual TLS is counted, no connection is logged, and no probe tells."
            + " Let probes run, turn access logs on, or call it from a pod with a proxy; a plan for"
            + " a namespace that is known to be idle says noSamples: PASS before it starts";
  }

  /** Returns the namespaces of the step; for the mesh every namespace that has captured pods. */
  private List<NamespaceFacts> subjects() {
    if (!context.isMesh()) {
      return List.of(context.facts());
    }
    return context.observation().modes().snapshot().namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .toList();
  }

  private @Nullable Verdict traffic(String namespace) {
    TrafficReading reading =
        context.observation().traffic(context.spec().verification().duration());
    Verdict refused = decides(namespace) ? refusals(namespace, reading.refusals(namespace)) : null;
    return refused != null ? refused : counted(namespace, reading.of(namespace));
  }

  private @Nullable Verdict counted(String namespace, Evidence<NamespaceTraffic> evidence) {
    return switch (evidence) {
      case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) -> {
        String blind = blind(traffic, asOf);
        if (ends(asOf)) {
          lost = "traffic evidence ends at " + asOf;
        } else if (blind != null) {
          lost = blind;
        } else {
          saw |= tells(traffic);
        }
        held(namespace, traffic);
        yield failures(namespace);
      }
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) -> {
        quiet(namespace, detail);
        compare(namespace, asOf);
        yield null;
      }
      case Evidence.Unavailable<NamespaceTraffic>(var why, var detail) -> {
        lost = unavailable(why, detail);
        yield null;
      }
    };
  }

  /**
   * Returns whether somebody who speaks mutual TLS was seen to call. That servers are scraped says
   * nothing by itself, nor does plaintext, which only ports take that STRICT does not govern.
   */
  private boolean tells(NamespaceTraffic traffic) {
    return traffic.clientRequests() > 0
        || traffic.edges().stream()
            .anyMatch(
                edge ->
                    edge.security() == Edge.Security.MUTUAL_TLS
                        && edge.lastSeen().isAfter(drained));
  }

  /** Checks open plaintext: ztunnel checks its policies only when a connection begins. */
  private void held(String namespace, NamespaceTraffic traffic) {
    if (!decides(namespace)) {
      return;
    }
    HeldConnections held = HeldConnections.of(context, namespace, traffic, drained);
    untold.addAll(held.untold());
    if (!held.open().isEmpty()) {
      doubt = held.words();
    }
  }

  /** Returns a server that the source does not watch now; null when it watches them all. */
  private static @Nullable String blind(NamespaceTraffic traffic, Instant asOf) {
    return traffic.watched().entrySet().stream()
        .filter(server -> !server.getValue().counts(asOf))
        .map(server -> server.getKey().id() + " is not watched: " + server.getValue().detail())
        .sorted()
        .findFirst()
        .orElse(null);
  }

  /** Returns whether evidence ends too early to cover now, or the time after the drain. */
  private boolean ends(Instant asOf) {
    return context.isOld(asOf) || asOf.isBefore(drained);
  }

  /** Ignores a short silence where the long window has samples; a long one is a loss. */
  private void quiet(String namespace, String detail) {
    PlanSpec.Gates gates = context.spec().gates();
    boolean known =
        gates.noSamples() == PlanSpec.NoSamples.PASS
            || context.isMesh()
            || context.observation().traffic(gates.plaintextWindow()).of(namespace)
                instanceof Evidence.Measured<NamespaceTraffic>;
    if (!known) {
      lost = "no traffic is measured any more: " + detail;
    }
  }

  /**
   * Counts refusals. Known refusals count, whatever else is not known. Their absence counts only
   * when every account was read; accounts without a line leave it to probes and to clients'
   * proxies, because where nothing is logged there will never be one.
   */
  private @Nullable Verdict refusals(String namespace, Refusals told) {
    Verdict harm = refused(told.seen());
    if (harm != null) {
      return harm;
    }
    switch (told) {
      case Refusals.Read(var seen, var begin, var asOf, var before) ->
          saw |=
              covered(namespace, new Known(begin, asOf, before), Set.of())
                  && speaks(namespace, List.of());
      case Refusals.Silent(var seen, var begin, var asOf, var servers, var before) -> {
        saw |=
            covered(namespace, new Known(begin, asOf, before), Set.copyOf(servers))
                && speaks(namespace, servers);
        silent.addAll(servers);
      }
      case Refusals.Unreadable(var seen, var why, var detail) -> {
        whole.remove(namespace);
        lost = "whether anybody is refused is not known (" + Words.of(why) + "): " + detail;
      }
    }
    return null;
  }

  /** The time in which every refusal is known, and why that before is not. */
  private record Known(Instant begin, Instant asOf, String before) {}

  private boolean covered(String namespace, Known told, Set<String> mute) {
    Instant begin = told.begin();
    Instant asOf = told.asOf();
    Duration duration = context.spec().verification().duration();
    Instant window = context.now().minus(duration);
    boolean gap = begin.isAfter(from) && begin.isAfter(window);
    Whole known = whole.get(namespace);
    boolean forgiven = known != null && mute.containsAll(known.silent());
    if (gap && !forgiven) {
      lost =
          "whether anybody was refused is known from "
              + begin
              + " on only in "
              + namespace
              + (told.before().isEmpty() ? "" : " (" + told.before() + ")")
              + ", so this takes until "
              + notBefore(begin)
              + " at the earliest";
      return false;
    }
    if (ends(asOf)) {
      lost = "whether anybody is refused is known until " + asOf + " only";
      return false;
    }
    boolean better = known == null || !forgiven || known.silent().containsAll(mute);
    boolean read = !mute.isEmpty() || speaks(namespace, List.of());
    if (better && read && !gap && !window.isBefore(from)) {
      whole.put(namespace, new Whole(from, duration, mute));
    }
    return true;
  }

  /** Returns whether some server logs connections. */
  private boolean speaks(String namespace, List<String> silentServers) {
    NamespaceFacts facts = context.observation().modes().snapshot().namespace(namespace);
    return facts != null
        && facts.pods().stream()
            .anyMatch(
                pod ->
                    pod.dataPlane().captured()
                        && !pod.terminated()
                        && !silentServers.contains(pod.workload().id()));
  }

  private @Nullable Verdict refused(List<Refusal> seen) {
    Map<String, Integer> clients = new TreeMap<>();
    Set<String> who = new TreeSet<>();
    int count = 0;
    for (Refusal refusal : seen) {
      if (refusal.at().isBefore(harmFrom) || ignored.ignores(refusal.client())) {
        continue;
      }
      String words = refusal.client().id() + " to " + refusal.server().id() + ":" + refusal.port();
      if (counts(refusal, words)) {
        count += refusal.count();
        clients.merge(words, refusal.count(), Integer::sum);
        who.add(refusal.client().id());
      }
    }
    if (count <= context.spec().verification().maxRefusals()) {
      tolerated += count;
      return null;
    }
    Map<String, String> evidence = new TreeMap<>();
    clients.forEach((client, n) -> evidence.put(client, n + " refused"));
    return new Verdict.Failed(
        Reason.CLIENTS_REFUSED,
        "STRICT refuses " + Words.list(List.copyOf(clients.keySet())) + offer(who),
        evidence);
  }

  private String offer(Set<String> clients) {
    return IgnoredClients.offer(context.plan().name(), clients);
  }

  /** Returns whether a refusal harmed a client: for certain, or because it was repeated. */
  private boolean counts(Refusal refusal, String words) {
    return switch (refusal.claim()) {
      case OURS -> false;
      case NOT_OURS -> true;
      case PERHAPS -> {
        doubt =
            words
                + " was refused, and may be a probe that another leader made, or that a clock tells"
                + " wrongly";
        yield false;
      }
      case UNLIKELY -> {
        Instant first = unproven.get(words);
        first = first == null ? before.unproven().get(words) : first;
        first =
            first == null || first.isBefore(harmFrom) || refusal.at().isBefore(first)
                ? refusal.at()
                : first;
        unproven.put(words, first);
        boolean repeated = !refusal.at().isBefore(first.plus(REPEATED));
        if (!repeated) {
          doubt =
              words
                  + " was refused from a port that probes come from; not known yet whether a probe"
                  + " was late";
        }
        yield repeated;
      }
    };
  }

  private @Nullable Verdict failures(String namespace) {
    Duration judged = Collections.min(List.of(context.spec().verification().duration(), COMPARED));
    return switch (context.observation().traffic(judged).of(namespace)) {
      case Evidence.Measured<NamespaceTraffic>(var after, var asOf) -> {
        compare(namespace, asOf);
        yield failures(namespace, after);
      }
      case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) -> {
        compare(namespace, asOf);
        yield null;
      }
      case Evidence.Unavailable<NamespaceTraffic>(var why, var detail) -> {
        lost = unavailable(why, detail);
        yield null;
      }
    };
  }

  private static String unavailable(Evidence.Reason why, String detail) {
    return "traffic evidence is not available (" + Words.of(why) + "): " + detail;
  }

  private void compare(String namespace, Instant asOf) {
    if (!ends(asOf)) {
      compared.put(namespace, Watched.of(from, context.now(), COMPARED, compared.get(namespace)));
    }
  }

  /** Returns whether nobody looked while there were totals of calls from before the lock. */
  private boolean late(String namespace) {
    Watched known = compared.get(namespace);
    return known != null && known.since().isAfter(from);
  }

  private @Nullable Verdict failures(String namespace, NamespaceTraffic after) {
    double limit = context.spec().verification().maxClientFailureRatio();
    long failed = after.clientFailures(ignored::ignores);
    double ratio = ratio(failed, after.clientRequests());
    if (failed == 0 || ratio - baseline(namespace, after) <= limit) {
      if (ratio > limit && late(namespace)) {
        doubt =
            "calls of mesh clients to "
                + namespace
                + " fail, and it was not seen in time whether they did before the lock";
      }
      return null;
    }
    Long suspected = before.failures().get(namespace);
    if (suspected == null || failed <= suspected) {
      // One 503 may be a rolling restart: it counts when more follow.
      failures.put(namespace, suspected == null ? failed : suspected);
      doubt = "calls of mesh clients to " + namespace + " have failed; not confirmed yet";
      return null;
    }
    List<String> clients = failing(after);
    return new Verdict.Failed(
        Reason.CLIENTS_FAILING,
        "calls of mesh clients to "
            + namespace
            + " fail more than before"
            + (clients.isEmpty() ? "" : ": those of " + Words.list(clients))
            + IgnoredClients.offer(context.plan().name(), clients),
        Map.of(
            "requests", Long.toString(after.clientRequests()),
            "failures", Long.toString(failed),
            "limit", Double.toString(limit)));
  }

  /** Returns clients that may not fail and do, most failures first. */
  private List<String> failing(NamespaceTraffic traffic) {
    return traffic.failing().entrySet().stream()
        .filter(client -> client.getValue() > 0 && !ignored.ignores(client.getKey()))
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Returns the failure ratio in the long window, without the calls after the lock. Failures beside
   * no call are counted by other series, or at another time: what nobody has called has not failed.
   */
  private double baseline(String namespace, NamespaceTraffic after) {
    Evidence<NamespaceTraffic> wide =
        context.observation().traffic(context.spec().gates().plaintextWindow()).of(namespace);
    if (wide instanceof Evidence.Measured<NamespaceTraffic>(var all, var asOf)) {
      long requests = all.clientRequests() - after.clientRequests();
      return requests <= 0
          ? 0
          : ratio(
              all.clientFailures(ignored::ignores) - after.clientFailures(ignored::ignores),
              requests);
    }
    return 0;
  }

  private static double ratio(long failed, long all) {
    return all <= 0 ? (failed > 0 ? 1 : 0) : (double) Math.max(failed, 0) / all;
  }

  private @Nullable Verdict probes(NamespaceFacts facts) {
    List<String> confirmed = new ArrayList<>();
    Set<String> who = new TreeSet<>();
    for (Cell cell : context.cells().of(facts.name())) {
      if (ignored.ignores(cell.from()) || cell.checkedAt().isBefore(harmFrom)) {
        continue;
      }
      if (cell.meshClient() && failed(cell, facts)) {
        if (suspect(cell, confirmed)) {
          who.add(cell.from());
        }
      } else if (cell.meshClient() && cell.outcome() == ProbeOutcome.TIMEOUT) {
        late(cell, facts);
      } else if (!cell.checkedAt().isBefore(drained)) {
        effect(cell);
      }
    }
    ProbeCover cover = cover(facts);
    reached += cover.reached().size();
    saw |= !cover.reached().isEmpty();
    if (decides(facts.name()) && required()) {
      leftOut.addAll(cover.leftOut());
      missing(cover);
    }
    if (confirmed.isEmpty()) {
      return null;
    }
    if (!TrustedProbers.believed(context.observation(), facts.name(), who)) {
      doubt =
          "clients with a proxy do not get through: "
              + Words.list(confirmed)
              + ", say clients whose word does not count by itself"
              + offer(who);
      return null;
    }
    Map<String, String> evidence = new TreeMap<>();
    confirmed.forEach(c -> evidence.put(c, "failed twice"));
    return new Verdict.Failed(
        Reason.PROBE_FAILED,
        "clients with a proxy do not get through: "
            + Words.list(confirmed)
            + (letPass() ? "; the gate probes, which was let pass, lets nobody fail" : "")
            + offer(who),
        evidence);
  }

  private ProbeCover cover(NamespaceFacts facts) {
    return ProbeCover.of(
        context, facts, cell -> cell.meshClient() && !cell.checkedAt().isBefore(drained));
  }

  private static String unreached(List<ProbeCover.Endpoint> endpoints) {
    return "no client with a proxy has reached "
        + ProbeCover.words(endpoints)
        + " since old connections have drained";
  }

  /** Waits for new endpoints: the next round probes them. */
  private void missing(ProbeCover cover) {
    Instant end = context.step().verifyingUntil();
    List<ProbeCover.Endpoint> next =
        cover.awaited().stream().filter(e -> end == null || !e.cameAfter(end)).toList();
    if (!next.isEmpty()) {
      awaited = unreached(next);
    }
    if (cover.missing().isEmpty()) {
      return;
    }
    String words = unreached(cover.missing());
    Instant young = context.now().minus(context.limits().probeAge());
    if (cover.missing().stream().allMatch(endpoint -> endpoint.cameAfter(young))) {
      awaited = words;
    } else {
      lost = words;
    }
  }

  /**
   * Handles a probe without an answer in time, from the server or from the node that curl runs on.
   * STRICT behaves differently: it closes the connection once the first bytes arrive, and curl
   * sends first. So this is no harm; nor is it known that the client gets through.
   */
  private void late(Cell cell, NamespaceFacts facts) {
    Instant first = firstFailed(cell);
    if (first != null) {
      failing.put(cell.key(), first);
    }
    if (answered(cell, facts)) {
      lost =
          "the probe from "
              + words(cell)
              + " timed out: whether it gets through is not known"
              + offer(Set.of(cell.from()));
    }
  }

  private static String words(Cell cell) {
    return cell.from() + " to " + cell.to() + " at " + cell.endpoint();
  }

  /** Returns when a call was first seen to fail, perhaps by another process; null if never. */
  private @Nullable Instant firstFailed(Cell cell) {
    Instant first = before.failing().get(cell.key());
    StepRecord.Health known = first == null ? FailedCalls.since(context, harmFrom) : null;
    return known != null && known.refused().contains(RefusedCall.of(cell).toString())
        ? known.since()
        : first;
  }

  private boolean suspect(Cell cell, List<String> confirmed) {
    Instant first = firstFailed(cell);
    failing.put(cell.key(), first == null ? cell.checkedAt() : first);
    String words = words(cell);
    if (first != null && cell.checkedAt().isAfter(first)) {
      confirmed.add(words);
      return true;
    }
    doubt = "the probe from " + words + " failed; not confirmed yet";
    return false;
  }

  /**
   * Checks that clients that should be refused are refused: the effect, not the intent. One whose
   * word does not count by itself holds the lock all the same, for it may be right.
   */
  private void effect(Cell cell) {
    if (!cell.meshClient() && cell.slipped()) {
      var unused = notBefore(cell.checkedAt());
      doubt =
          "STRICT is not in effect: %s still gets through to %s at %s"
              .formatted(cell.from(), cell.to(), cell.endpoint());
      if (!TrustedProbers.believed(
          context.observation(), cell.serverNamespace(), Set.of(cell.from()))) {
        doubt += ", says a client whose word does not count by itself" + offer(Set.of(cell.from()));
      }
    }
  }

  /**
   * Returns whether a probe failed because of STRICT. Without a baseline only a refusal shows that;
   * and endpoints that are new since the lock have none.
   */
  private boolean failed(Cell cell, NamespaceFacts facts) {
    return switch (cell.outcome()) {
      case OK, SKIPPED, TIMEOUT -> false;
      case REFUSED -> true;
      case UNREACHABLE -> answered(cell, facts);
    };
  }

  /** Returns whether the endpoint is known to have answered before the lock. */
  private boolean answered(Cell cell, NamespaceFacts facts) {
    return baselineHeld() && !cameSince(cell, facts);
  }

  private boolean cameSince(Cell cell, NamespaceFacts facts) {
    return facts.services().stream()
            .anyMatch(
                service ->
                    cell.to().startsWith(service.id() + ":") && service.createdAt().isAfter(from))
        || facts.pods().stream()
            .anyMatch(pod -> pod.name().equals(cell.serverPod()) && pod.createdAt().isAfter(from));
  }

  /** Returns whether probes from before the lock show that everything was reached then. */
  private boolean baselineHeld() {
    GateResult probes = context.step().gate(Gate.PROBES);
    return probes != null && probes.reason() == Reason.HOLDS;
  }

  /** Returns whether probes are required now: the plan asks for them, without an override. */
  private boolean required() {
    return context.spec().gates().probes() && !letPass();
  }

  /**
   * Returns whether a person let the lock be made without probes. Whoever did not get through
   * before may be refused by STRICT now; that a client may fail is said by other means.
   */
  private boolean letPass() {
    GateResult probes = context.step().gate(Gate.PROBES);
    return probes != null && probes.reason() == Reason.OVERRIDDEN;
  }
}
