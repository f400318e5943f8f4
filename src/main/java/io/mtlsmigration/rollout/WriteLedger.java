// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.ScopeModes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The ledger of one step: the state before its writes, whatever is written afterwards. */
public final class WriteLedger {

  private WriteLedger() {}

  public static @Nullable PeerAuthentication find(MeshSnapshot snapshot, ObjectRef ref) {
    NamespaceFacts facts = snapshot.namespace(ref.namespace());
    if (facts == null) {
      return null;
    }
    for (PeerAuthentication policy : facts.peerAuthentications()) {
      if (policy.ref().name().equals(ref.name())) {
        return policy;
      }
    }
    return null;
  }

  /** Returns the entry of a change that was made, where {@code previous} was in force before. */
  public static LedgerEntry entry(
      EffectiveMode previous, PolicyChange change, String uid, String resourceVersion, Instant at) {
    return new LedgerEntry(
        change.ref(),
        uid,
        change.before(),
        change.after(),
        previous.mode(),
        previous.ports(),
        change.purpose(),
        resourceVersion,
        at);
  }

  /** Returns the mode of a change's scope; {@code modes} must not show the change yet. */
  private static EffectiveMode effective(MeshModes modes, PolicyChange change) {
    String namespace = change.ref().namespace();
    if (modes.snapshot().isRoot(namespace)) {
      return modes.mesh();
    }
    PeerAuthentication.Spec spec = change.after() == null ? change.before() : change.after();
    return spec == null || spec.selector().isEmpty()
        ? modes.namespace(namespace).mode()
        : modes.namespace(namespace).ofLabels(spec.selector());
  }

  /**
   * Returns the mode that a rollback of a change has to restore: that of its scope before the step
   * wrote anything, or, where that is STRICT and has been opened since, the one that a lock ends.
   *
   * @param modes must not show the change yet
   */
  public static EffectiveMode previous(
      MeshModes modes, PolicyChange change, List<LedgerEntry> ledger) {
    EffectiveMode first = effective(before(modes, change, ledger), change);
    EffectiveMode now = effective(modes, change);
    return change.purpose() == PolicyChange.Purpose.LOCK && ScopeModes.stricter(first, now)
        ? now
        : first;
  }

  /**
   * Returns the change's namespace as it was before the change and before everything else that the
   * step has written: the state that a rollback has to restore. The state right before a second
   * object's write would include our first write. Only that namespace and the root namespace are
   * resolved.
   */
  private static MeshModes before(MeshModes modes, PolicyChange change, List<LedgerEntry> ledger) {
    MeshSnapshot all = modes.snapshot();
    Map<String, NamespaceFacts> facts = new TreeMap<>();
    facts.put(all.settings().rootNamespace(), all.root());
    NamespaceFacts own = all.namespace(change.ref().namespace());
    if (own != null) {
      facts.put(own.name(), own);
    }
    restore(facts, change.ref(), change.before());
    PeerAuthentication live = find(all, change.ref());
    String uid = live == null ? "" : live.meta().uid();
    for (LedgerEntry entry : ledger) {
      if (!ofAnother(entry, change.ref(), change.before(), uid, marked(live))) {
        restore(facts, entry.ref(), entry.before());
      }
    }
    return MeshModes.resolve(MeshSnapshot.of(all.settings(), all.observedAt(), facts.values()));
  }

  private static void restore(
      Map<String, NamespaceFacts> facts, ObjectRef ref, PeerAuthentication.@Nullable Spec spec) {
    NamespaceFacts own = facts.get(ref.namespace());
    if (own == null) {
      return;
    }
    List<PeerAuthentication> policies = new ArrayList<>();
    for (PeerAuthentication policy : own.peerAuthentications()) {
      if (!policy.ref().equals(ref)) {
        policies.add(policy);
      } else if (spec != null) {
        policies.add(new PeerAuthentication(policy.meta(), spec));
      }
    }
    facts.put(own.name(), own.withPeerAuthentications(policies));
  }

  /**
   * Returns whether a change is made to another object than the entry's, of the same name: somebody
   * has made it since, and how it was then is what is restored. An object of ours, created where
   * there was none, stands for the one before it, and so does one that is as it was written: a
   * backup may have restored it. It restores the mark of what was created as well: without one, it
   * is somebody's own.
   *
   * @param uid of the object that is changed; empty when it is not there
   */
  private static boolean ofAnother(
      LedgerEntry entry,
      ObjectRef ref,
      PeerAuthentication.@Nullable Spec before,
      String uid,
      boolean marked) {
    return entry.ref().equals(ref)
        && before != null
        && !(before.equals(entry.after()) && (marked || entry.before() != null))
        && !entry.uid().isEmpty()
        && !uid.isEmpty()
        && !entry.uid().equals(uid);
  }

  /** Returns whether an object has the mark of one that this service has created. */
  public static boolean marked(@Nullable PeerAuthentication policy) {
    return policy != null
        && policy.meta().annotations().containsKey(PolicyWriter.MARKER_ANNOTATION);
  }

  /**
   * Merges entries by object: the first write has the state before, the last the state now. The way
   * back from a lock ends where that began, if what had been STRICT before was opened since.
   *
   * @param marked whether the object of the next one is {@link #marked}
   */
  public static List<LedgerEntry> merge(
      List<LedgerEntry> ledger, LedgerEntry next, boolean marked) {
    List<LedgerEntry> merged = new ArrayList<>(ledger.size() + 1);
    boolean found = false;
    for (LedgerEntry entry : ledger) {
      if (ofAnother(entry, next.ref(), next.before(), next.uid(), marked)
          || openedSince(entry, next)) {
        found = true;
        merged.add(next);
      } else if (entry.ref().equals(next.ref())) {
        found = true;
        merged.add(
            new LedgerEntry(
                next.ref(),
                next.uid(),
                entry.before(),
                next.after(),
                entry.previousMode(),
                entry.previousPorts(),
                next.purpose(),
                next.resourceVersion(),
                next.writtenAt()));
      } else {
        merged.add(entry);
      }
    }
    if (!found) {
      merged.add(next);
    }
    return merged;
  }

  private static boolean openedSince(LedgerEntry entry, LedgerEntry next) {
    return entry.ref().equals(next.ref())
        && next.purpose() == PolicyChange.Purpose.LOCK
        && ScopeModes.stricter(previous(entry), previous(next));
  }

  private static EffectiveMode previous(LedgerEntry entry) {
    return new EffectiveMode(entry.previousMode(), null, entry.previousPorts(), null);
  }

  /** Returns the entries whose objects are not yet exactly as they were. */
  public static List<LedgerEntry> outstanding(List<LedgerEntry> ledger, MeshSnapshot snapshot) {
    return ledger.stream().filter(e -> !restored(e, snapshot)).toList();
  }

  private static boolean restored(LedgerEntry entry, MeshSnapshot snapshot) {
    PeerAuthentication live = find(snapshot, entry.ref());
    return entry.before() == null
        ? live == null
        : live != null && entry.before().equals(live.spec());
  }

  /** Returns whether an object is exactly what the entry's write left. */
  public static boolean asWritten(LedgerEntry entry, @Nullable PeerAuthentication shown) {
    return entry.after() == null
        ? shown == null
        : shown != null && shown.meta().resourceVersion().equals(entry.resourceVersion());
  }

  /** Returns whether somebody has changed, deleted or recreated what the entry's write left. */
  public static boolean changedSince(LedgerEntry entry, MeshSnapshot snapshot) {
    PeerAuthentication live = find(snapshot, entry.ref());
    if (live == null || entry.after() == null) {
      return live != null || entry.after() != null;
    }
    boolean same = entry.uid().isEmpty() || entry.uid().equals(live.meta().uid());
    return !same || !live.spec().equals(entry.after());
  }
}
