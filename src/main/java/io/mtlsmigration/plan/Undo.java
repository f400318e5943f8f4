// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Computes the rollback. First the previous effective modes of every port are restored, then the
 * previous objects: where the enclosing scope has become STRICT meanwhile, deleting a policy would
 * leave clients refused, so an explicit mode stays. Order: mesh, namespaces, workloads, each when
 * the one before is seen to be undone, so that exceptions outlive the STRICT that they are
 * exceptions to.
 *
 * <p>Objects are changed in place. A policy that others have changed, deleted or recreated since is
 * theirs and is left alone.
 */
final class Undo {

  private final MeshModes modes;
  private final Purpose purpose;

  /** Whether DISABLE is restored in the end. */
  private final boolean person;

  /** Whether DISABLE may be restored now. */
  private final boolean mayDisable;

  private final List<PolicyChange> changes = new ArrayList<>();
  private final List<Obstacle> obstacles = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private Undo(MeshModes modes, Purpose purpose, boolean person, boolean mayDisable) {
    this.modes = modes;
    this.purpose = purpose;
    this.person = person;
    this.mayDisable = mayDisable;
  }

  /**
   * Returns the writes that may be made now.
   *
   * @param person whether DISABLE may be restored; only when everything else is undone, because it
   *     was the first to go, and because no port may change from STRICT to DISABLE in one step
   */
  static PolicyWrites of(
      MeshModes modes, List<LedgerEntry> ledger, Purpose purpose, boolean person) {
    PolicyWrites permissive = new Undo(modes, purpose, person, false).of(ledger);
    return person && permissive.done()
        ? new Undo(modes, purpose, true, true).of(ledger)
        : permissive;
  }

  private PolicyWrites of(List<LedgerEntry> ledger) {
    List<Trail> trails = trails(ledger);
    for (int rank : mayDisable ? Trail.INNER_FIRST : Trail.OUTER_FIRST) {
      for (Trail trail : trails) {
        if (rank(trail) == rank) {
          undo(trail);
        }
      }
      if (!changes.isEmpty()) {
        break; // the next scope waits until these are seen to be undone
      }
    }
    return new PolicyWrites(obstacles.isEmpty() ? changes : List.of(), obstacles, notes);
  }

  /**
   * All writes to one object.
   *
   * @param first gives the state before any of them
   * @param last gives the state after all of them
   */
  private record Trail(LedgerEntry first, LedgerEntry last) {
    static final int MESH = 0;
    static final int NAMESPACE = 1;
    static final int WORKLOAD = 2;

    /** The order in which STRICT is undone before the exceptions to it. */
    static final List<Integer> OUTER_FIRST = List.of(MESH, NAMESPACE, WORKLOAD);

    /** The order in which DISABLE is restored last where most would inherit it. */
    static final List<Integer> INNER_FIRST = List.of(WORKLOAD, NAMESPACE, MESH);

    ObjectRef ref() {
      return last.ref();
    }

    /** Returns the effective mode that its scope had before the first write. */
    EffectiveMode previous() {
      return new EffectiveMode(first.previousMode(), null, first.previousPorts(), null);
    }

    boolean disabled() {
      return first.previousMode() == MtlsMode.DISABLE
          || first.previousPorts().containsValue(MtlsMode.DISABLE);
    }
  }

  private int rank(Trail trail) {
    if (modes.snapshot().isRoot(trail.ref().namespace())) {
      return Trail.MESH;
    }
    Spec any = trail.last.after() != null ? trail.last.after() : trail.first.before();
    return any == null || any.selector().isEmpty() ? Trail.NAMESPACE : Trail.WORKLOAD;
  }

  /** Returns the writes by object, the newest last write first. */
  private static List<Trail> trails(List<LedgerEntry> ledger) {
    Map<ObjectRef, Trail> byRef = new LinkedHashMap<>();
    for (LedgerEntry entry : ledger) {
      byRef.merge(
          entry.ref(), new Trail(entry, entry), (known, next) -> new Trail(known.first, next.last));
    }
    List<Trail> trails = new ArrayList<>(byRef.values());
    trails.sort(Comparator.comparing((Trail t) -> t.last.writtenAt()).reversed());
    return trails;
  }

  private void undo(Trail trail) {
    NamespaceFacts facts = modes.namespace(trail.ref().namespace()).facts();
    if (facts.unreadable().stream().anyMatch(u -> u.ref().equals(trail.ref()))) {
      obstacles.add(
          new Obstacle(
              Obstacle.Kind.UNREADABLE_POLICY,
              trail.ref() + " cannot be read any more; correct or delete it"));
      return;
    }
    PeerAuthentication present = Snapshots.find(modes.snapshot(), trail.ref());
    if (present == null) {
      gone(trail);
    } else if (!asLeft(trail, present)) {
      changedByOthers(trail, present.spec(), "has been changed since");
    } else {
      restore(trail, present);
    }
  }

  private void gone(Trail trail) {
    if (modes.snapshot().namespace(trail.ref().namespace()) == null) {
      notes.add("namespace " + trail.ref().namespace() + " is gone, and its policies with it");
      return;
    }
    Spec before = trail.first.before();
    Spec after = trail.last.after();
    if (before != null) {
      changedByOthers(trail, before, "has been deleted since");
    } else if (after != null
        && ScopeModes.stricter(
            ScopeModes.of(modes, trail.ref(), after), allowed(trail.previous()))) {
      // The object did not exist before either, but the policy that decides instead refuses clients
      // that got through then.
      changedByOthers(trail, after, "has been deleted since, and another policy decides");
    }
  }

  private static boolean asLeft(Trail trail, PeerAuthentication present) {
    String uid = trail.last.uid();
    boolean same =
        uid.isEmpty() || present.meta().uid().isEmpty() || uid.equals(present.meta().uid());
    return same && present.spec().equals(trail.last.after());
  }

  /** Leaves alone what others changed; it matters only while clients are newly refused. */
  private void changedByOthers(Trail trail, Spec scope, String what) {
    EffectiveMode now = ScopeModes.of(modes, trail.ref(), scope);
    String text = trail.ref() + " " + what + ", so it is not touched";
    if (ScopeModes.stricter(now, allowed(trail.previous()))) {
      obstacles.add(
          new Obstacle(
              Obstacle.Kind.CHANGED_BY_OTHERS,
              text + "; it was " + words(trail.previous()) + " before: set that by hand"));
    } else {
      notes.add(text);
    }
  }

  /**
   * The state that an object is to have.
   *
   * @param spec null when it is to be deleted
   * @param note what cannot be restored; empty when everything can
   */
  private record Target(@Nullable Spec spec, String why, String note) {}

  private void restore(Trail trail, PeerAuthentication present) {
    Spec now = present.spec();
    if (now.equals(trail.first.before())) {
      return; // the enclosing scope may have changed, but the object is as it was
    }
    if (person && !mayDisable && now.equals(last(trail, present))) {
      return; // it is DISABLE again already, and need not pass through PERMISSIVE twice
    }
    Target target = target(trail, present);
    if (!target.note().isEmpty()) {
      notes.add(target.note());
    }
    if (trail.first.before() == null && present.meta().held()) {
      notes.add(
          present.ref()
              + " stays: a finalizer would keep it in force after its deletion; take the finalizer"
              + " away, then delete it");
    }
    change(present, target.spec(), target.why());
  }

  private @Nullable Spec last(Trail trail, PeerAuthentication present) {
    return new Undo(modes, purpose, true, true).target(trail, present).spec();
  }

  private Target target(Trail trail, PeerAuthentication present) {
    Target exact = exact(trail, present);
    if (!harms(trail, present, exact.spec())) {
      return exact;
    }
    EffectiveMode now = ScopeModes.of(modes, present.ref(), present.spec());
    EffectiveMode then = simulate(present, exact.spec());
    String would =
        ScopeModes.stricter(then, now)
            ? words(then) + " in force where " + words(now) + " is"
            : "another policy, with STRICT or DISABLE, in force for pods that it selects as well";
    return new Target(
        softened(trail, present, exact.spec()),
        "as it was before, where that makes nothing stricter",
        "%s is not as it was: that would put %s, and a way back makes nothing stricter"
            .formatted(present.ref(), would));
  }

  /**
   * Returns whether a spec refuses, at an existing or future pod, somebody who gets through now:
   * without it, or with another mode, another policy may decide about pods with more labels.
   */
  private boolean harms(Trail trail, PeerAuthentication present, @Nullable Spec next) {
    return ScopeModes.someMode(
        modes, changed(present, next), (now, then) -> harms(trail, now, then));
  }

  /** DISABLE harms nobody whom a person returns to where it was. */
  private boolean harms(Trail trail, MtlsMode now, MtlsMode then) {
    return now != then
        && (then == MtlsMode.STRICT
            || (then == MtlsMode.DISABLE && !(mayDisable && trail.disabled())));
  }

  private Target exact(Trail trail, PeerAuthentication present) {
    Spec before = trail.first.before();
    EffectiveMode wanted = allowed(trail.previous());
    Spec exact = before == null ? absent(present) : allowed(before);
    String why =
        before != null
            ? "as it was before"
            : exact == null
                ? "was not there before"
                : "was not there before, and a finalizer would keep it after its deletion";
    EffectiveMode then = simulate(present, exact);
    if (ScopeModes.stricter(then, wanted) || disables(then, wanted)) {
      Spec explicit = (before == null ? present.spec() : allowed(before)).withMode(wanted.mode());
      EffectiveMode with = simulate(present, explicit);
      return ScopeModes.sameModes(with, then) || ScopeModes.stricter(with, wanted)
          ? new Target(
              exact, why, present.ref() + " no longer decides: " + words(then) + " stays in force")
          : new Target(
              explicit,
              "without it " + words(then) + " would be in force, and it was " + words(wanted),
              "");
    }
    return new Target(
        exact,
        why,
        ScopeModes.sameModes(then, wanted)
            ? ""
            : "%s: after it %s is in force, where it was %s before"
                .formatted(present.ref(), words(then), words(wanted)));
  }

  /**
   * Returns what an object becomes that was not there before. One that a finalizer keeps stays in
   * force after its deletion, so it stays without a mode.
   */
  private static @Nullable Spec absent(PeerAuthentication present) {
    return present.meta().held()
        ? new Spec(present.spec().selector(), MtlsMode.UNSET, Map.of())
        : null;
  }

  /**
   * Returns as much of the previous state as refuses nobody who gets through now: locking again is
   * a decision for the gates.
   */
  private Spec softened(Trail trail, PeerAuthentication present, @Nullable Spec exact) {
    EffectiveMode now = ScopeModes.of(modes, present.ref(), present.spec());
    EffectiveMode then = simulate(present, exact);
    Spec base =
        exact == null ? new Spec(present.spec().selector(), MtlsMode.UNSET, Map.of()) : exact;
    Map<Integer, MtlsMode> ports = new HashMap<>(base.portModes());
    Set<Integer> known = new HashSet<>(now.ports().keySet());
    known.addAll(then.ports().keySet());
    for (int port : known) {
      if (harms(trail, now.of(port), then.of(port))) {
        ports.put(port, opened(now.of(port)));
      }
    }
    boolean closes = harms(trail, now.mode(), then.mode());
    Spec soft = new Spec(base.selector(), closes ? opened(now.mode()) : base.mode(), ports);
    boolean valid = ports.isEmpty() || !soft.selector().isEmpty();
    Spec open = open(present.spec());
    return valid && !harms(trail, present, soft)
        ? soft
        : harms(trail, present, open) ? present.spec() : open;
  }

  private static MtlsMode opened(MtlsMode mode) {
    return mode == MtlsMode.STRICT ? MtlsMode.PERMISSIVE : mode;
  }

  private static Spec open(Spec spec) {
    Map<Integer, MtlsMode> ports = new HashMap<>(spec.portModes());
    ports.replaceAll((port, mode) -> MtlsMode.PERMISSIVE);
    return new Spec(spec.selector(), MtlsMode.PERMISSIVE, ports);
  }

  private void change(PeerAuthentication present, @Nullable Spec target, String why) {
    Spec now = present.spec();
    if (now.equals(target)) {
      return;
    }
    PolicyOwnership.controlled(present).ifPresent(obstacles::add);
    PolicyChange change = new PolicyChange(present.ref(), now, target, purpose, false, why);
    boolean weakens = ScopeModes.weakens(modes, change);
    changes.add(new PolicyChange(present.ref(), now, target, purpose, weakens, why));
  }

  private EffectiveMode simulate(PeerAuthentication present, @Nullable Spec then) {
    PolicyChange change = changed(present, then);
    MeshModes small = ScopeModes.only(modes, present.ref().namespace());
    MeshModes after = small.refresh(Snapshots.apply(small.snapshot(), change));
    return ScopeModes.of(after, present.ref(), present.spec());
  }

  private PolicyChange changed(PeerAuthentication present, @Nullable Spec then) {
    return new PolicyChange(present.ref(), present.spec(), then, purpose, false, "");
  }

  private EffectiveMode allowed(EffectiveMode mode) {
    Map<Integer, MtlsMode> ports = new HashMap<>(mode.ports());
    ports.replaceAll((port, m) -> allowed(m));
    return new EffectiveMode(allowed(mode.mode()), mode.decidedBy(), ports, mode.portsDecidedBy());
  }

  private Spec allowed(Spec spec) {
    Map<Integer, MtlsMode> ports = new HashMap<>(spec.portModes());
    ports.replaceAll((port, mode) -> allowed(mode));
    return new Spec(spec.selector(), allowed(spec.mode()), ports);
  }

  /** Returns the mode that may be written: only a person's request may refuse mutual TLS again. */
  private MtlsMode allowed(MtlsMode mode) {
    return mode == MtlsMode.DISABLE && !mayDisable ? MtlsMode.PERMISSIVE : mode;
  }

  private static boolean disables(EffectiveMode mode, EffectiveMode wanted) {
    return ScopeModes.someMode(
        mode, wanted, (m, w) -> m == MtlsMode.DISABLE && w != MtlsMode.DISABLE);
  }

  private static String words(EffectiveMode mode) {
    StringBuilder text = new StringBuilder(mode.mode().toString());
    for (int port : new TreeSet<>(mode.ports().keySet())) {
      if (mode.of(port) != mode.mode()) {
        text.append(", ").append(mode.of(port)).append(" on port ").append(port);
      }
    }
    return text.toString();
  }
}
