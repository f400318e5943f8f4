// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reopening;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The time when a port of a namespace was last seen to change from STRICT to accepting plaintext,
 * or from being hidden by a Telemetry or an EnvoyFilter to being counted, whoever changed it:
 * plaintext of before then was not counted. In a time of which this process has seen nothing
 * (another one led, or the watch hung), every existing policy may have been STRICT until its last
 * change; what was deleted then is known by the {@link OpeningsRecord}, which each leader leaves
 * for the next one. What was made and deleted while nobody led, or the leader's watch hung, is not:
 * after such a time, all silence begins anew.
 */
final class Openings {

  /** How often a large record is saved at most, and how soon one that was refused. */
  private static final Duration SAVED = Duration.ofMinutes(1);

  /** The same of one that is not large: STRICT that somebody has just made may not last long. */
  private static final Duration SAVED_SOON = Duration.ofSeconds(5);

  /** Of a digest, so that ten thousand of them fit into one object. */
  private static final int DIGITS = 16;

  /** How soon a leader has left its first record; a plan may have been started at once. */
  private static final Duration BEGUN = Duration.ofMinutes(1);

  /** The number of its entries from which a record is large. */
  private static final int LARGE = 1000;

  /** The precision of an opening that proxies do not follow. */
  private static final Duration LAGGING = Duration.ofMinutes(1);

  /** The most namespaces that are gone and named; there may be ever new ones. */
  private static final int MOST_GONE = 2_000;

  /** No window reaches further back. */
  private static final Duration REMEMBERED = PlanLimits.REAL_MESH.maxWindow();

  private final RolloutLedger ledger;
  private final Limits limits;
  private final Map<String, NamespaceModes> seen = new HashMap<>();

  /** {@link OpeningsRecord#closing}. */
  private final Map<String, String> closing = new HashMap<>();

  /** The time when policies that exist were last changed, as far as that was not watched. */
  private final Map<String, Instant> changed = new HashMap<>();

  private final Map<String, Instant> opened = new HashMap<>();

  /**
   * Namespaces of which it is not known that every proxy has followed the last opening, and whether
   * one was seen that had not: until it does, it refuses plaintext.
   */
  private final Map<String, Boolean> lagging = new HashMap<>();

  /** True when there may be something to save. */
  private boolean unsaved;

  private Instant lastSeen = Instant.MIN;

  /** Since when this process has looked without a gap. */
  private Instant watchedSince = Instant.MIN;

  /** The time of the last look of this term; {@code MIN} when there was none. */
  private Instant lastLook = Instant.MIN;

  private Instant lastSaved = Instant.MIN;
  private Duration pause = Duration.ZERO;

  /** As this process read or saved it last. */
  private @Nullable OpeningsRecord kept;

  /** True when nobody else can have saved another one since. */
  private boolean sure;

  /** True when what leaders before have left has been read in this term. */
  private boolean taught;

  /** True when this process has looked at recent facts in this term. */
  private boolean looked;

  /** Since when nobody has looked, as long as this process has not; {@code MAX} when not known. */
  private Instant unwatched = Instant.MAX;

  /** True when nobody says until when another process led, if one did. */
  private boolean untold;

  /**
   * Creates an empty memory.
   *
   * @param limits of which the watch gap is a time between two looks that was not watched
   */
  Openings(RolloutLedger ledger, Limits limits) {
    this.ledger = ledger;
    this.limits = limits;
  }

  /**
   * Another process may have led since.
   *
   * @param led until when one did; {@code MIN} when that is not known
   */
  void usurped(Instant led) {
    Instant last = latest(led, lastSeen);
    untold = last.equals(Instant.MIN);
    unwatched = untold ? Instant.MAX : last;
    looked = false;
    sure = false;
    taught = false;
    lastLook = Instant.MIN;
  }

  /**
   * Checks every namespace; cheap where nothing has changed.
   *
   * @throws RolloutLedger.UnavailableException when it is not known what others saw before: until a
   *     later look, nobody knows which silence counts
   */
  @SuppressWarnings("ReferenceEquality") // the same object = nothing changed
  void look(Observation observation) {
    MeshModes modes = observation.modes();
    Instant now = observation.now();
    Instant observed = modes.snapshot().observedAt();
    dateAnew(now);
    boolean watched = !Limits.old(lastSeen, limits.watchGap(), observed);
    sure &= watched;
    watchedSince = watched ? watchedSince : now;
    if (looked && !watched && unwatched.equals(Instant.MAX)) {
      unwatched = lastSeen; // its lease lapsed and is its own again, or its watch hung
    }
    if (!limits.outdated(modes.snapshot(), now)) {
      missed(unwatched, modes, now);
      unwatched = Instant.MAX;
      looked = true;
    }
    lastSeen = observed;
    ended(modes.snapshot().namespaces().keySet(), now);
    for (String namespace : modes.snapshot().namespaces().keySet()) {
      NamespaceModes is = modes.namespace(namespace);
      NamespaceModes was = seen.get(namespace);
      if (was != is) {
        String next = closing(is.facts(), modes.snapshot().isRoot(namespace));
        String last = next.isEmpty() ? closing.remove(namespace) : closing.put(namespace, next);
        unsaved |= !next.equals(last == null ? "" : last);
        if (was != null && revealed(was.facts(), is.facts(), modes.snapshot())) {
          open(namespace, modes, now);
        }
      }
      if (was == null) {
        knownAsOthers(namespace);
      }
      if (was != null && was != is && Reopening.between(was, is)) {
        open(namespace, now);
      } else if (was == null || !watched) {
        Instant at = lastChange(modes, is);
        if (at.isAfter(now)) {
          open(namespace, now); // Whoever writes a policy may date it; it has been written by now.
        } else if (at.isAfter(of(namespace))) {
          changed.put(namespace, at);
          lagging.putIfAbsent(namespace, false);
          unsaved = true;
        }
      }
      seen.put(namespace, is); // last: what dies on the way is looked at again
    }
    try {
      // What old facts lack is not gone: it may not have been read yet.
      if (!sure && !limits.outdated(modes.snapshot(), now)) {
        remember(ledger.openings(), modes, now);
      }
    } finally {
      lagging.entrySet().removeIf(entry -> followed(entry, observation));
    }
  }

  /**
   * What was dated by a clock that was set forward since may have opened later, by as much. This
   * process may have stood still instead; then windows are longer by as much.
   */
  private void dateAnew(Instant now) {
    Instant last = lastLook;
    lastLook = now;
    if (!last.equals(Instant.MIN) && last.plus(limits.watchGap()).isBefore(now)) {
      Duration leap = Duration.between(last, now);
      opened.replaceAll((namespace, at) -> at.plus(leap));
      unsaved = true;
    }
  }

  /**
   * Has silence begin anew everywhere when nobody has looked for a while: a policy that was made
   * and deleted meanwhile may have refused plaintext, and leaves no trace. A pause that breaks no
   * soak counts as watched.
   */
  private void missed(Instant since, MeshModes modes, Instant now) {
    if (since.isBefore(now.minus(limits.watchGap()))) {
      openAll(modes, now);
    }
  }

  private void openAll(MeshModes modes, Instant now) {
    modes.snapshot().namespaces().keySet().forEach(namespace -> open(namespace, now));
    opened.put(OpeningsRecord.OTHERS, now);
  }

  private void remember(OpeningsRecord known, MeshModes modes, Instant now) {
    if (!known.equals(kept)) {
      recall(known, modes, now);
      unsaved = true;
    }
    if (!taught) {
      teach(known, modes, now);
    }
    kept = known;
    sure = true;
  }

  /**
   * Has silence begin anew where a leader before this one has carried out a plan, and its record is
   * not there. Each leaves one within seconds: somebody has deleted it, or that was an earlier
   * release. A plan that is younger may be this process' own. So it does where the record is there,
   * and nobody says until when it was kept: somebody has deleted the Lease.
   */
  private void teach(OpeningsRecord known, MeshModes modes, Instant now) {
    boolean recorded = !known.version().isEmpty();
    List<Instant> started =
        recorded
            ? List.of()
            : ledger.plans().stream().map(PlanRecord::startedAt).filter(Objects::nonNull).toList();
    boolean led = recorded ? untold : started.stream().anyMatch(at -> Limits.old(at, BEGUN, now));
    if (led) {
      openAll(modes, now);
    }
    untold = false;
    taught = led || started.isEmpty();
  }

  /** A namespace takes along what it has refused: one of that name may be made anew. */
  private void ended(Set<String> present, Instant now) {
    seen.keySet().retainAll(present);
    closing.keySet().stream()
        .filter(namespace -> !present.contains(namespace))
        .forEach(namespace -> open(namespace, now));
    closing.keySet().retainAll(present);
    lagging.keySet().retainAll(present);
    changed.forEach(
        (namespace, at) -> {
          if (!present.contains(namespace)) {
            opened.merge(namespace, at, Openings::latest);
          }
        });
    changed.keySet().retainAll(present);
    limit(present);
  }

  /** Keeps the latest of the namespaces that are gone; one of the others may be made anew, too. */
  private void limit(Set<String> present) {
    if (opened.size() <= MOST_GONE) {
      return;
    }
    List<String> gone =
        opened.keySet().stream()
            .filter(name -> !present.contains(name) && !name.equals(OpeningsRecord.OTHERS))
            .sorted(Comparator.comparing(opened::get))
            .toList();
    if (gone.size() > MOST_GONE) {
      for (String name : gone.subList(0, gone.size() - MOST_GONE / 2)) {
        Instant at = opened.remove(name);
        opened.merge(OpeningsRecord.OTHERS, at, Openings::latest);
      }
      unsaved = true;
    }
  }

  private static Instant latest(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** A namespace that was not there before may be one of those that are not named any more. */
  private void knownAsOthers(String namespace) {
    Instant others = opened.get(OpeningsRecord.OTHERS);
    if (others != null && !opened.containsKey(namespace)) {
      opened.put(namespace, others);
      unsaved = true;
    }
  }

  /**
   * Returns whether every proxy has followed by now; as long as not, the opening is to come. Of a
   * large mesh, istiod's first answer takes a while: that is no proxy that was seen to lag.
   */
  private boolean followed(Map.Entry<String, Boolean> entry, Observation observation) {
    ProxySync.Status status = observation.sync(entry.getKey());
    if (status instanceof ProxySync.Status.Unknown
        && !Limits.old(watchedSince, LAGGING, observation.now())) {
      return false;
    }
    boolean synced = status instanceof ProxySync.Status.Synced;
    boolean old = of(entry.getKey()).plus(LAGGING).isBefore(observation.now());
    if (synced ? entry.getValue() : old) {
      opened.put(entry.getKey(), observation.now());
      unsaved = true;
    }
    if (!synced && !entry.setValue(true)) {
      unsaved = true;
    }
    return synced;
  }

  /** Considers what other processes saw. */
  private void recall(OpeningsRecord known, MeshModes modes, Instant now) {
    known
        .closing()
        .forEach(
            (namespace, before) -> {
              if (!before.equals(closing.get(namespace))) {
                open(namespace, modes, now);
              }
            });
    known.opened().forEach((name, at) -> opened.merge(name, at, Openings::latest));
    modes.snapshot().namespaces().keySet().forEach(this::knownAsOthers);
    known.lagging().forEach(namespace -> lagging.put(namespace, true));
    for (PlanRecord plan : ledger.plans()) {
      RolloutLedger.Steps steps = ledger.readable(plan.name());
      steps.read().forEach(this::recall);
      // What it knew of a time without counting is not known: that is as if it had ended just now.
      steps.unread().forEach(key -> open(root(key, modes), modes, now));
    }
  }

  private static String root(StepKey key, MeshModes modes) {
    return key.isMesh() ? modes.snapshot().root().name() : key.namespace();
  }

  /** Considers what a step's record knows, which its plan takes along when it is deleted. */
  void recall(StepRecord step) {
    if (!step.key().isMesh() && step.openSince().isAfter(of(step.key().namespace()))) {
      opened.put(step.key().namespace(), step.openSince());
      unsaved = true;
    }
  }

  /**
   * Returns whether what a Telemetry or an EnvoyFilter hid may be counted now: it is gone, or says
   * something else; or another one, which takes precedence, does. (Policies are compared by what
   * they amount to.)
   */
  private static boolean revealed(NamespaceFacts was, NamespaceFacts is, MeshSnapshot snapshot) {
    return !telling(was).equals(telling(is))
        && Stream.concat(was.others().stream(), snapshot.root().others().stream())
            .anyMatch(OtherObject::hidesPlaintext);
  }

  private static List<OtherObject> telling(NamespaceFacts facts) {
    return facts.others().stream()
        .filter(other -> other instanceof Telemetry || other.hidesPlaintext())
        .toList();
  }

  private void open(String where, MeshModes modes, Instant now) {
    Collection<String> reached =
        modes.snapshot().isRoot(where) ? modes.snapshot().namespaces().keySet() : List.of(where);
    reached.forEach(namespace -> open(namespace, now));
  }

  private void open(String namespace, Instant at) {
    opened.put(namespace, at);
    lagging.putIfAbsent(namespace, false);
    unsaved = true;
  }

  /**
   * Saves what has changed for other processes.
   *
   * @throws RolloutLedger.UnavailableException when it could not be saved; tried again
   * @throws RolloutLedger.StaleRecordException when another process has saved more; its record is
   *     read at the next look
   */
  void save(Instant now) {
    OpeningsRecord known = kept;
    if (known == null || !sure || !unsaved || !Limits.old(lastSaved, pause, now)) {
      return;
    }
    // Of one that lags it is said that it does, not each minute how long.
    Map<String, Instant> recent = new HashMap<>(opened);
    // A policy takes along when it was changed.
    changed.forEach((namespace, at) -> recent.merge(namespace, at, Openings::latest));
    recent.values().removeIf(at -> at.isBefore(now.minus(REMEMBERED)));
    Set<String> late = new HashSet<>(lagging.keySet());
    late.removeIf(namespace -> !lagging.getOrDefault(namespace, false));
    for (String namespace : late) {
      if (known.lagging().contains(namespace)) {
        recent.compute(namespace, (name, at) -> known.opened().get(name));
      }
    }
    OpeningsRecord next = new OpeningsRecord(known.version(), closing, late, recent);
    if (!next.equals(known) || known.version().isEmpty()) {
      sure = false;
      lastSaved = now;
      pause = SAVED; // also when it is refused, as one that has grown too large
      kept = ledger.save(next);
      sure = true;
      pause = next.closing().size() + next.opened().size() < LARGE ? SAVED_SOON : SAVED;
    }
    unsaved = false;
  }

  /** Returns a digest of what closes a namespace; empty when nothing does. */
  private static String closing(NamespaceFacts facts, boolean root) {
    SortedSet<ObjectRef> closing = new TreeSet<>();
    for (PeerAuthentication policy : facts.peerAuthentications()) {
      boolean strict =
          policy.spec().mode() == MtlsMode.STRICT
              || policy.spec().portModes().containsValue(MtlsMode.STRICT);
      if (strict && (!root || policy.spec().selector().isEmpty())) {
        closing.add(policy.ref());
      }
    }
    for (OtherObject other : facts.others()) {
      if (other.hidesPlaintext()) {
        closing.add(other.ref());
      }
    }
    if (closing.isEmpty()) {
      return "";
    }
    Digest digest = new Digest();
    closing.forEach(digest::line);
    return digest.hex().substring(0, DIGITS);
  }

  private static Instant lastChange(MeshModes modes, NamespaceModes namespace) {
    Instant latest = Instant.EPOCH;
    for (NamespaceFacts facts : List.of(modes.snapshot().root(), namespace.facts())) {
      for (PeerAuthentication policy : facts.peerAuthentications()) {
        Instant at = policy.meta().specChangedAt();
        latest = at.isAfter(latest) ? at : latest;
      }
    }
    return latest;
  }

  /** Returns the time of the last opening; {@link Instant#EPOCH} when none was seen. */
  Instant of(String namespace) {
    Instant seenOpen = opened.getOrDefault(namespace, Instant.EPOCH);
    return latest(seenOpen, changed.getOrDefault(namespace, Instant.EPOCH));
  }
}
