// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Judges every write of a policy by what it does to the mesh as it is. */
final class WriteJudge {

  /**
   * What is newer than this need not be known at a write: a call is scraped up to a minute later,
   * and evidence counts while it is two minutes old.
   */
  static final long UNSEEN = 60 + 120 + 5;

  /** A list counts while it is five minutes old; what is younger need not be in one. */
  private static final long UNLISTED = 300 + 5;

  /**
   * What somebody edits while another one's request is being carried out is an edit before it: the
   * write is refused, for its object has changed, and made on the next look.
   */
  private static final long CARRIED_OUT = 5;

  private final Judge judge;

  /** Written by a process that had slept: whoever's plan that was has to take it back. */
  private final Set<ObjectRef> landedLate = new HashSet<>();

  /** Markers of writes that were begun: one that another attempt replaced may come back. */
  private final Set<String> begun = new HashSet<>();

  WriteJudge(Judge judge) {
    this.judge = judge;
  }

  private static boolean forward(Purpose purpose) {
    return purpose == Purpose.LOCK || purpose == Purpose.ENABLE || purpose == Purpose.EXCEPTION;
  }

  /**
   * No forward write in a phase other than RUNNING. Judged when the intent is about to be saved,
   * for what people ask after that races the write, and cannot be seen by whoever makes it.
   */
  void intends(StepRecord step, @Nullable PlanRecord plan) {
    WriteIntent intent = step.inFlight().isEmpty() ? null : step.inFlight().getLast();
    if (intent == null || !forward(intent.change().purpose()) || !begun.add(intent.marker())) {
      return;
    }
    if (plan != null) {
      judge.begun.put(
          Judge.key(plan.name(), intent.marker().split(":")[1]),
          new Judge.Begun(plan, judge.next()));
    }
    Optional<StepRecord> held = judge.world.book.step(step.plan(), step.key());
    if (held.isPresent() && held.get().inFlight().contains(intent)) {
      return;
    }
    if (plan == null || plan.phase() != PlanPhase.RUNNING) {
      judge.violated(
          "FORWARD_ONLY_WHILE_RUNNING",
          intent.change().purpose()
              + " of "
              + intent.change().ref()
              + " is begun while "
              + step.plan()
              + " is "
              + (plan == null ? "deleted" : plan.phase()));
    } else {
      judge.audits.locks(step, plan, intent);
    }
  }

  void written(Replica replica, WriteIntent intent, Cluster.Version before, boolean late) {
    PolicyChange change = intent.change();
    ObjectRef ref = change.ref();
    String[] marker = intent.marker().split(":");
    String subject = marker[1];
    PlanRecord plan = null;
    for (PlanRecord one : judge.world.book.plans().values()) {
      plan = one.uid().equals(marker[0]) ? one : plan;
    }
    String name = plan == null ? "a plan that is deleted" : plan.name();
    if (judge.forgotten.contains(marker[0])
        && (forward(change.purpose()) || change.purpose() == Purpose.EXEMPT)) {
      judge.violated(
          "WAY_BACK_DELETED",
          change.purpose() + " of " + ref + " lands, and its plan was deleted while it could");
    }
    boolean owed = change.purpose() == Purpose.ROLLBACK && landedLate.remove(ref);
    if (late) {
      landedLate.add(ref);
    }
    if (!late && plan != null) {
      if (!owed) {
        others(plan, change);
      }
      if (change.purpose() == Purpose.LOCK && ref.namespace().equals(Cluster.ROOT)) {
        unprepared(replica, plan, before);
      }
    }
    if (!late) {
      modes(replica, change, before, plan, subject);
    }
    boolean consented = forward(change.purpose()) || change.purpose() == Purpose.EXEMPT;
    if (!late && consented) {
      overAnEdit(replica, change, name);
    }
    if (!late && change.purpose() == Purpose.LOCK && plan != null) {
      consents(plan, subject, ref);
    }
    if (forward(change.purpose())) {
      judge.before.putIfAbsent(Judge.key(name, subject), new Judge.Before(before, judge.next()));
    }
    Judge.Written known = judge.owned.get(ref);
    boolean again = known != null && known.plan().equals(name);
    judge.owned.put(
        ref,
        new Judge.Written(
            name,
            subject,
            change.purpose(),
            again ? known.before() : change.before(),
            again ? known.was() : mode(before, change),
            change.after(),
            false));
    if (change.after() == null) {
      judge.owned.remove(ref);
    }
    if (change.purpose() == Purpose.ENABLE) {
      judge.opened.put(Judge.key(name, ref.namespace()), judge.next());
    } else if (change.purpose() == Purpose.LOCK || change.purpose() == Purpose.EXEMPT) {
      judge.forward.put(Judge.key(name, ref.namespace()), judge.next());
    } else if (!forward(change.purpose())) {
      // One plan takes back what another one counts on.
      judge.facts(ref.namespace());
      judge.forward.remove(Judge.key(name, ref.namespace()));
    }
  }

  private static MtlsMode mode(Cluster.Version before, PolicyChange change) {
    PeerAuthentication.Spec any = change.after() == null ? change.before() : change.after();
    return before
        .modes
        .namespace(change.ref().namespace())
        .ofLabels(any == null ? Map.of() : any.selector())
        .mode();
  }

  /** What becomes of each port of each workload that policies govern. */
  private void modes(
      Replica replica,
      PolicyChange change,
      Cluster.Version before,
      @Nullable PlanRecord plan,
      String subject) {
    for (Cluster.Namespace namespace : judge.world.cluster.all()) {
      boolean meant =
          change.ref().namespace().equals(namespace.name)
              || change.ref().namespace().equals(Cluster.ROOT);
      for (Workload workload : namespace.workloads.values()) {
        if (!meant || !workload.serves || !Cluster.governed(workload)) {
          continue;
        }
        for (int port : Workload.PORTS) {
          port(replica, change, before, plan, subject, workload, port);
        }
      }
    }
  }

  private void port(
      Replica replica,
      PolicyChange change,
      Cluster.Version before,
      @Nullable PlanRecord plan,
      String subject,
      Workload workload,
      int port) {
    MtlsMode was = StepJudge.mode(before, workload, port);
    MtlsMode is = StepJudge.mode(judge.world.cluster.now(), workload, port);
    if (was == is || judge.changedSince(workload.namespace, replica.viewedAt)) {
      return;
    }
    if (was != MtlsMode.PERMISSIVE && is != MtlsMode.PERMISSIVE) {
      judge.violated(
          "NEVER_FROM_DISABLE_TO_STRICT_AT_ONCE",
          change.purpose()
              + " of "
              + change.ref()
              + " takes "
              + workload.id()
              + ":"
              + port
              + " from "
              + was
              + " to "
              + is);
    }
    if (is == MtlsMode.DISABLE) {
      settled(replica, change, workload, port);
    }
    if (is != MtlsMode.STRICT) {
      opened(change, plan, workload, port);
      return;
    }
    if (!forward(change.purpose())) {
      judge.violated("THE_WAY_BACK_IS_NEVER_STRICTER", makes(change, workload, port) + " STRICT");
    } else if (plan != null) {
      Judge.Begun begun = judge.begun.get(Judge.key(plan.name(), subject));
      plaintext(replica, begun == null ? plan : begun.plan(), subject, change, workload, port);
    }
  }

  private static String makes(PolicyChange change, Workload workload, int port) {
    return change.purpose() + " of " + change.ref() + " makes " + workload.id() + ":" + port;
  }

  /**
   * DISABLE comes when every proxy has followed what came before it, and connections from before
   * that have drained. A process that has looked for less time cannot know what was, nor does it
   * notice a clock that leaps by less than a pause that breaks a soak.
   */
  private void settled(Replica replica, PolicyChange change, Workload workload, int port) {
    long drained = judge.world.now() - Replica.LIMITS.drain().toSeconds();
    if (workload.dataPlane == DataPlane.AMBIENT
        || replica.viewedFirst > drained
        || replica.nudged > drained) {
      return;
    }
    List<Cluster.Version> since = judge.world.cluster.since(drained + 1);
    boolean strict =
        since.subList(0, since.size() - 1).stream()
            .anyMatch(version -> StepJudge.mode(version, workload, port) == MtlsMode.STRICT);
    boolean refuses =
        workload.pods.stream()
            .anyMatch(
                pod ->
                    pod.dataPlane().captured()
                        && judge.world.proxies.mode(workload, pod, port) == MtlsMode.STRICT);
    if (strict || refuses) {
      judge.violated(
          "DISABLE_COMES_WHEN_ALL_HAVE_FOLLOWED",
          makes(change, workload, port)
              + " DISABLE, and it was STRICT "
              + (strict ? "before connections have drained" : "for a proxy until now"));
    }
  }

  /**
   * What another plan has locked is opened by an exception or an exemption when somebody was asked
   * who may override that plan, or when it has the same exception; what it only found does not
   * count. What a plan has written itself, it takes back.
   */
  private void opened(PolicyChange change, @Nullable PlanRecord plan, Workload workload, int port) {
    if (plan == null
        || (change.purpose() != Purpose.EXCEPTION && change.purpose() != Purpose.EXEMPT)) {
      return;
    }
    for (PlanRecord other : judge.world.book.plans().values()) {
      boolean holds =
          !other.name().equals(plan.name())
              && !other.undoing()
              && judge
                  .world
                  .book
                  .step(other.name(), new StepKey(workload.namespace))
                  .filter(step -> step.phase() == Phase.LOCKED && !step.found())
                  .isPresent();
      if (holds
          && !StepJudge.excepted(other, workload, port)
          && !judge.grants.contains(Judge.key(plan.name(), other.name()))) {
        judge.violated(
            "NO_LOCK_IS_OPENED_UNASKED",
            change.purpose()
                + " of "
                + change.ref()
                + " by "
                + plan.name()
                + " opens "
                + workload.id()
                + ":"
                + port
                + ", which "
                + other.name()
                + " has locked, and nobody was asked who may override that");
      }
    }
  }

  /** Two plans would undo each other's work: only one of them has a namespace. */
  private void others(PlanRecord plan, PolicyChange change) {
    StepKey key = new StepKey(change.ref().namespace());
    for (PlanRecord other : judge.world.book.plans().values()) {
      if (other.name().equals(plan.name()) || !other.active()) {
        continue;
      }
      judge
          .world
          .book
          .step(other.name(), key)
          .filter(s -> s.phase() != Phase.SKIPPED && s.phase() != Phase.EXEMPT)
          // A plan that is being undone and has written nothing there has nothing to lose.
          .filter(s -> forward(change.purpose()) || !other.undoing() || !s.ledger().isEmpty())
          .ifPresent(
              s ->
                  judge.violated(
                      "ONE_PLAN_A_NAMESPACE",
                      change.purpose()
                          + " of "
                          + change.ref()
                          + " by "
                          + plan.name()
                          + " ("
                          + plan.phase()
                          + "), while "
                          + other.name()
                          + " ("
                          + other.phase()
                          + ") has it "
                          + s.phase()));
    }
  }

  /**
   * Mesh-wide STRICT reaches nobody who is not locked or exempt, though it have no pods just now.
   */
  private void unprepared(Replica replica, PlanRecord plan, Cluster.Version before) {
    for (Cluster.Namespace namespace : judge.world.cluster.all()) {
      Phase phase =
          judge
              .world
              .book
              .step(plan.name(), new StepKey(namespace.name))
              .map(StepRecord::phase)
              .orElse(Phase.PENDING);
      if (phase == Phase.LOCKED
          || phase == Phase.EXEMPT
          || judge.changedSince(namespace.name, replica.viewedAt - 60)) {
        continue;
      }
      for (Workload workload : namespace.workloads.values()) {
        if (workload.serves
            && Cluster.governed(workload)
            && StepJudge.mode(before, workload) != MtlsMode.STRICT
            && StepJudge.mode(judge.world.cluster.now(), workload) == MtlsMode.STRICT) {
          judge.violated(
              "THE_MESH_STEP_REACHES_NOBODY_UNPREPARED",
              "mesh-wide STRICT of "
                  + plan.name()
                  + " reaches "
                  + workload.id()
                  + ", which has "
                  + workload.pods.size()
                  + " pods and whose namespace is "
                  + phase);
        }
      }
    }
  }

  /**
   * STRICT is not written while somebody whom it would refuse has called in plaintext within the
   * window. A call counts whether anybody saw it: what is not watched holds the gate. It does not
   * count when it is so new that no scrape has told of it; nor when its client would send mutual
   * TLS now; nor when it was refused before any leader looked; nor when all pods that it reached
   * have ended before a third scrape of theirs failed, for a rolling restart does not begin the
   * window anew; nor when a person let it pass, who knew of its client by then.
   */
  private void plaintext(
      Replica replica,
      PlanRecord plan,
      String subject,
      PolicyChange change,
      Workload workload,
      int port) {
    long letPass = judge.letPassUntil(plan, subject, workload.id());
    long now = judge.world.now();
    long from = now - plan.spec().gates().plaintextWindow().toSeconds() + UNSEEN;
    judge.world.calls().advance(now);
    if (port == Workload.PORT && letPass < 0) {
      held(plan, change, workload, from, now - UNSEEN);
      streams(plan, change, workload);
    }
    for (Calls.Flow flow : judge.world.calls().flows()) {
      if (!flow.server.equals(workload.id())
          || flow.port != port
          || flow.first <= letPass
          || !wouldBeRefused(flow)) {
        continue;
      }
      comesRarely(replica, plan, change, flow);
      for (Calls.Stretch stretch : flow.stretches) {
        long last = flow.last(Math.max(from, stretch.from()), Math.min(now - UNSEEN, stretch.to()));
        if (last >= 0
            && stretch.plaintext()
            && !untold(replica, workload, stretch)
            && !lost(workload, stretch, last)) {
          overPlaintext(
              plan,
              change,
              flow.client
                  + " called "
                  + workload.id()
                  + ":"
                  + port
                  + " in plaintext at "
                  + Happening.time(last)
                  + " and the window is "
                  + plan.spec().gates().plaintextWindow());
          return;
        }
      }
    }
  }

  /** Whom a window cannot show, for it runs more rarely. */
  private void comesRarely(Replica replica, PlanRecord plan, PolicyChange change, Calls.Flow flow) {
    JobTemplate job = judge.world.cluster.job(flow.client);
    CronRuns runs = job == null ? null : job.runs();
    boolean known = replica.viewedAt > flow.first;
    if (runs == null || !known || StepJudge.ignored(plan.spec(), flow)) {
      return;
    }
    Duration window = plan.spec().gates().plaintextWindow();
    Duration usual = runs.period().usual();
    if (usual.compareTo(window) > 0) {
      overPlaintext(plan, change, job.ref() + " calls " + flow.server + " every " + usual);
    }
    Instant from = judge.world.instant().minus(window).minusSeconds(UNSEEN);
    if (runs.scheduledAt().isBefore(from) && replica.viewedAt > judge.world.cluster.since(job)) {
      overPlaintext(plan, change, job.ref() + " was resumed, and has not run in the window");
    }
  }

  /**
   * What a policy refused that was gone before any leader had looked: nobody counts what is
   * refused, and a deleted policy has no trace in the API server. That nobody led for long is known
   * to who leads then.
   */
  private boolean untold(Replica replica, Workload workload, Calls.Stretch stretch) {
    long vacant = judge.world.vacant(stretch.from(), stretch.to());
    boolean brief = vacant <= Replica.LIMITS.watchGap().toSeconds() || judge.world.skewed;
    return (vacant > 0 ? brief : stretch.to() <= replica.viewedFirst)
        && !judge.world.book.closing(workload.namespace, stretch.from(), stretch.to())
        && stretch.receivers().stream().allMatch(r -> !r.plaintext() || r.refused());
  }

  /** A connection sends every minute; a scrape has to have come between. */
  private void held(PlanRecord plan, PolicyChange change, Workload workload, long from, long to) {
    for (Ztunnel.Held held : judge.world.ztunnel.held(workload.id())) {
      if (Math.max(held.from(), from) < Math.min(held.to(), to) - 2 * Scrapes.INTERVAL) {
        overPlaintext(plan, change, held.client() + " holds a connection to " + workload.id());
      }
    }
  }

  /** One of some minutes is in two lists of its pod, unless nobody can have such a list. */
  private void streams(PlanRecord plan, PolicyChange change, Workload workload) {
    for (Ztunnel.Held stream : judge.world.streams.to(workload)) {
      boolean seen = stream.from() < judge.world.now() - UNLISTED;
      if (seen && !judge.world.streams.isUnlisted(workload)) {
        overPlaintext(plan, change, stream.client() + " has a stream open to " + workload.id());
      }
    }
  }

  private void overPlaintext(PlanRecord plan, PolicyChange change, String why) {
    judge.violated(
        "NO_STRICT_OVER_PLAINTEXT",
        change.ref() + " of " + plan.name() + " becomes STRICT, though " + why);
  }

  private static boolean wouldBeRefused(Calls.Flow flow) {
    List<Calls.Receiver> now = flow.receivers();
    return now.isEmpty() || now.stream().anyMatch(r -> r.tls() != ClientTls.ISTIO_MUTUAL);
  }

  boolean lost(Workload workload, Calls.Stretch stretch, long call) {
    for (Calls.Receiver receiver : stretch.receivers()) {
      boolean ztunnel = receiver.dataPlane() == DataPlane.AMBIENT;
      Workload.Life life =
          ztunnel
              ? judge.world.ztunnel.at(call, receiver.node())
              : workload.life(receiver.pod(), call);
      if (life == null || !receiver.plaintext()) {
        continue;
      }
      String target = ztunnel ? Ztunnel.id(receiver.node()) : workload.id();
      long end = ztunnel ? life.to() : Math.min(life.to(), workload.droppedAfter(call));
      long scraped = judge.world.scrapes.scraped(target, life, end);
      boolean seen = scraped >= call;
      boolean late = !seen && scraped > Scrapes.NEVER && end - scraped < 3 * Scrapes.INTERVAL;
      if (seen || !late) {
        return false;
      }
    }
    return true;
  }

  /**
   * What a person changed after the plan had written there is the person's, until they ask again.
   */
  private void overAnEdit(Replica replica, PolicyChange change, String plan) {
    String namespace = change.ref().namespace();
    boolean locks = change.purpose() == Purpose.LOCK;
    Long edit = (locks ? judge.loosened : judge.edits).get(namespace);
    // What it had opened for mutual TLS it may well lock after somebody changed it, but not open.
    Long ours =
        change.purpose() == Purpose.ENABLE
            ? judge.opened.get(Judge.key(plan, namespace))
            : judge.forward.get(Judge.key(plan, namespace));
    Long asked = judge.asked.get(plan);
    // What was created and deleted again before anybody recorded it leaves no trace.
    boolean known =
        !judge.changedSince(namespace, replica.viewedAt) && recorded(plan, change.ref());
    String subject = namespace.equals(Cluster.ROOT) ? "mesh" : namespace;
    if (ours != null && judge.ended.getOrDefault(Judge.key(plan, subject), 0L) > ours) {
      return; // what is there when a person has it tried again is taken over as at the beginning
    }
    boolean wanted =
        asked != null
            && edit != null
            && (asked > edit || judge.at(edit) - judge.at(asked) <= CARRIED_OUT);
    if (edit != null && ours != null && known && edit > ours && !wanted) {
      judge.violated(
          "NEVER_OVER_A_LATER_EDIT",
          change.purpose()
              + " of "
              + change.ref()
              + " by "
              + plan
              + ", though a person changed it after "
              + plan
              + " had written there");
    }
  }

  private boolean recorded(String plan, ObjectRef ref) {
    return judge.world.book.steps(plan).stream()
        .flatMap(step -> step.ledger().stream())
        .anyMatch(entry -> entry.ref().equals(ref));
  }

  /** No approval and no override outlives its attempt, or what the gates go by. */
  private void consents(PlanRecord plan, String subject, ObjectRef ref) {
    String key = Judge.key(plan.name(), subject);
    long ended = judge.voided(plan.name(), subject);
    if (plan.spec().gates().approval() == PlanSpec.Approval.NAMESPACE) {
      List<Long> given = new ArrayList<>();
      judge.approved.forEach(
          (who, at) -> {
            if (who.equals(key)) {
              given.add(at);
            }
          });
      if (given.stream().noneMatch(at -> at > ended)) {
        judge.violated(
            "NO_CONSENT_OUTLIVES_ITS_ATTEMPT",
            ref + " of " + plan.name() + " is locked on an approval of an earlier attempt");
      }
    }
    StepKey step = subject.equals("mesh") ? StepKey.MESH : new StepKey(subject);
    for (GateResult gate :
        judge.world.book.step(plan.name(), step).map(StepRecord::gates).orElse(List.of())) {
      if (gate.reason() == Reason.OVERRIDDEN && judge.overridden.getOrDefault(key, 0L) <= ended) {
        judge.violated(
            "NO_CONSENT_OUTLIVES_ITS_ATTEMPT",
            ref
                + " of "
                + plan.name()
                + " is locked on an override of an earlier attempt: "
                + gate.gate());
      }
    }
  }
}
